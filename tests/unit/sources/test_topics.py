"""Topic filters: which are right, which topics they ask for, and which level names the meter."""

from __future__ import annotations

import pytest

from hanlogger.sources.topics import LONGEST, TopicFilter

NAMES = {
    ("han/+/raw", "han/cellar/raw"): "cellar",
    ("+/data", "house3/data"): "house3",
    ("han/+", "han/cellar"): "cellar",
    ("han/#", "han/cellar"): "cellar",
    ("han/#", "han/cellar/raw"): "cellar",
    ("han/+/#", "han/cellar"): "cellar",
    ("han/+/#", "han/cellar/raw/1"): "cellar",
    ("#", "cellar"): "cellar",
    ("$share/workers/han/+/raw", "han/cellar/raw"): "cellar",
    ("han/#", "han"): "",
    ("han/cellar", "han/cellar"): "",
}

FAULTS = {
    "": "the topic is missing",
    "han/+a/raw": "+ may only stand alone between two slashes",
    "han/+/+/raw": "only one + may stand in it, for it names the meter",
    "han/#/raw": "# may only stand alone, at the end",
    "han/a#": "# may only stand alone, at the end",
    "han/\0": "a topic has printable characters, and 65535 octets at most",
    "å" * LONGEST: "a topic has printable characters, and 65535 octets at most",
    "$share/": "behind $share/ stands the name of a group, then the topic",
    "$share//han": "behind $share/ stands the name of a group, then the topic",
    "$share/+/han": "behind $share/ stands the name of a group, then the topic",
    "$share/group": "the topic is missing",
}


@pytest.mark.parametrize(("given", "name"), NAMES.items())
def test_the_plus_names_the_meter_or_else_the_first_level_that_the_hash_stands_for(
    given: tuple[str, str], name: str
) -> None:
    wanted, topic = given
    assert TopicFilter.parse(wanted).get_name(topic) == name


@pytest.mark.parametrize(("text", "fault"), FAULTS.items())
def test_a_filter_that_no_broker_takes_or_that_names_no_meter_is_refused_with_the_reason(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match="^" + fault.replace("+", r"\+").replace("$", r"\$") + "$"):
        TopicFilter.parse(text)


def test_the_longest_topic_is_taken() -> None:
    assert TopicFilter.parse("x" * LONGEST).levels == ("x" * LONGEST,)


@pytest.mark.parametrize(
    ("wanted", "topic", "fits"),
    [
        ("han/+/raw", "han/cellar/raw", True),
        ("han/+/raw", "han/cellar/status", False),
        ("han/+/raw", "han/cellar/raw/more", False),
        ("han/+", "han/a/b", False),
        ("han/#", "han", True),
        ("han/#", "hans/a", False),
        ("han/#", "han/a/b", True),
        ("$share/workers/han/+", "han/a", True),
        ("$share/workers/han/+", "$share/workers/han/a", False),
    ],
)
def test_a_topic_fits_the_filter_as_the_standard_says(wanted: str, topic: str, fits: bool) -> None:
    assert TopicFilter.parse(wanted).fits(topic) is fits
