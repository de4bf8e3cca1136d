"""Devices that come and go."""

from __future__ import annotations

import pytest

from hanlogger.collect import flapping
from hanlogger.collect.flapping import MANY, WITHIN, FlapWatch


def lose(watch: FlapWatch, *times: float, name: str = "cellar", words: bytes = b"offline") -> list[bool]:
    return [watch.note(name, words, time) for time in times]


def test_five_losses_in_ten_minutes_are_told_once_and_the_next_five_again() -> None:
    watch = FlapWatch()
    assert MANY == 5
    assert lose(watch, 0, 1, 2, 3, 4, 5) == [False] * 4 + [True, False]
    assert lose(watch, 6, 7, 8, 9) == [False] * 3 + [True]


def test_losses_that_are_further_apart_are_not_told() -> None:
    watch = FlapWatch()
    assert not any(lose(watch, 0, 1, 2, 3, WITHIN + 0.1))
    assert lose(watch, WITHIN + 1) == [True]  # with the four before it


def test_devices_are_told_apart() -> None:
    watch = FlapWatch()
    assert not any(lose(watch, 0, 1, 2, 3) + lose(watch, 4, name="attic"))


@pytest.mark.parametrize(("words", "lost"), [(b" Offline\n", True), (b"lost", True), (b"online", False), (b"", False)])
def test_only_words_of_a_device_that_is_gone_count(words: bytes, lost: bool) -> None:
    assert lose(FlapWatch(), *range(5), words=words)[-1] is lost


def test_no_more_than_so_many_devices_are_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flapping, "MOST", 1)
    watch = FlapWatch()
    lose(watch, 0)
    assert not any(lose(watch, *range(5), name="attic"))
    assert lose(watch, *range(1, 5))[-1]
