"""Topic filters of MQTT, and which level of a topic names the meter."""

from __future__ import annotations

from typing import NamedTuple

LONGEST = 65535  # octets (MQTT 5, section 4.7.3)
_SHARE = "$share/"


class TopicFilter(NamedTuple):
    """A topic filter, as it stands in a port behind the host."""

    text: str  # as it is subscribed to, `$share/GROUP/` included
    levels: tuple[str, ...]  # without that

    @classmethod
    def parse(cls, text: str) -> TopicFilter:
        """Read a filter such as `han/+/raw`; ValueError, whose text says what is wrong with another."""
        inner = text
        if text.startswith(_SHARE):
            group, _, inner = text.removeprefix(_SHARE).partition("/")
            if not group or "+" in group or "#" in group:
                raise ValueError("behind $share/ stands the name of a group, then the topic")
        found = cls(text, tuple(inner.split("/")))
        if fault := found.find_fault():
            raise ValueError(fault)
        return found

    def find_fault(self) -> str:
        """Return what is wrong with the filter; "" for nothing."""
        inner = "/".join(self.levels)
        if not inner:
            return "the topic is missing"
        if len(self.text.encode()) > LONGEST or not inner.isprintable():
            return "a topic has printable characters, and 65535 octets at most"
        if "#" in inner.removesuffix("#") or (inner.endswith("#") and self.levels[-1] != "#"):
            return "# may only stand alone, at the end"
        if any("+" in level and level != "+" for level in self.levels):
            return "+ may only stand alone between two slashes"
        if self.levels.count("+") > 1:
            return "only one + may stand in it, for it names the meter"
        return ""

    @property
    def is_shared(self) -> bool:
        """Whether a group of clients shares the subscription, each message going to one of them."""
        return self.text.startswith(_SHARE)

    @property
    def naming_level(self) -> int | None:
        """Which level names the meter: that of `+`, else the first that `#` stands for; None without either."""
        return next((self.levels.index(wildcard) for wildcard in ("+", "#") if wildcard in self.levels), None)

    def fits(self, topic: str) -> bool:
        """Return whether a topic is one that the filter asks for (MQTT 5, section 4.7)."""
        given = topic.split("/")
        if self.levels[-1] == "#":
            wanted = self.levels[:-1]
            given = given[: len(wanted)]
        else:
            wanted = self.levels
        return len(given) == len(wanted) and all(w in ("+", g) for w, g in zip(wanted, given, strict=True))

    def get_name(self, topic: str) -> str:
        """Return the level of a topic that names the meter; "" where it has no such level."""
        levels, at = topic.split("/"), self.naming_level
        return levels[at] if at is not None and at < len(levels) else ""
