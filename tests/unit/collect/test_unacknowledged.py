"""What waits for its acknowledgement: over connections, and until it is settled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hanlogger.collect import unacknowledged
from hanlogger.collect.unacknowledged import Unacknowledged
from hanlogger.sources import Envelope

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def envelope(key: str, connection: int = 1) -> Envelope:
    source: Any = connection
    return Envelope(None, "han", key.encode(), AT, False, key, source, None)


def always(_first: int, _last: int) -> bool:
    return True


def test_nothing_is_settled_before_it_is_recorded() -> None:
    held = Unacknowledged()
    assert held.take(envelope("a"))
    assert (held.settle(always), len(held)) == ([], 1)
    held.note_recorded((1, 1))
    assert held.settle(always) == [envelope("a")]
    assert (held.settle(always), len(held)) == ([], 0)


def test_what_was_recorded_before_keeps_its_ids() -> None:
    held, seen = Unacknowledged(), set[tuple[int, int]]()

    def never(*ids: int) -> bool:
        seen.add((ids[0], ids[1]))
        return False

    held.take(envelope("a"))
    held.note_recorded((1, 1))
    held.take(envelope("b"))
    held.note_recorded((2, 3))
    assert held.settle(never) == []
    assert seen == {(1, 1), (2, 3)}
    assert held.settle(lambda _, last: last < 2) == [envelope("a")]
    assert held.settle(always) == [envelope("b")]


def test_what_comes_once_more_is_known_and_is_acknowledged_on_the_connection_it_came_by_last() -> None:
    held = Unacknowledged()
    held.take(envelope("a"))
    held.note_recorded((1, 1))
    held.note_connected(session_kept=True)
    assert held.settle(always) == []  # never by a connection on which it did not come
    assert not held.take(envelope("a", connection=2))
    assert held.settle(always) == [envelope("a", connection=2)]
    assert held.take(envelope("a", connection=2))  # the same words once more, by a meter that has no clock


def test_two_messages_of_the_same_words_are_two() -> None:
    held = Unacknowledged()
    assert [held.take(envelope("a")) for _ in range(2)] == [True, True]
    held.note_recorded((1, 2))
    held.note_connected(session_kept=True)
    assert [held.take(envelope("a", 2)) for _ in range(3)] == [False, False, True]


def test_without_its_session_the_broker_hands_over_new_messages_only() -> None:
    held = Unacknowledged()
    held.take(envelope("a"))
    held.note_recorded((1, 1))
    held.note_connected(session_kept=False)
    assert held.take(envelope("a", connection=2))


def test_what_was_left_before_is_remembered_over_several_connections() -> None:
    held = Unacknowledged()
    held.take(envelope("a"))
    held.note_recorded((1, 1))
    for _ in range(3):
        held.note_connected(session_kept=True)
    assert len(held) == 0
    assert not held.are_settled(lambda *_: False)
    assert held.are_settled(always)
    assert not held.take(envelope("a", connection=4))


def test_all_is_settled_only_when_it_is_recorded() -> None:
    held = Unacknowledged()
    assert held.are_settled(always)
    held.take(envelope("a"))
    assert not held.are_settled(always)
    held.note_recorded((1, 1))
    assert held.are_settled(always)


def test_what_other_workers_got_instead_does_not_fill_the_memory(monkeypatch: Any) -> None:
    monkeypatch.setattr(unacknowledged, "MOST_LEFT", 3)
    held = Unacknowledged()
    for number in range(5):
        held.take(envelope(str(number)))
    held.note_recorded((1, 5))
    held.note_connected(session_kept=True)
    assert [held.take(envelope(str(number), 2)) for number in range(5)] == [True, True, False, False, False]
