"""Remember what messages of one shape have in common, so that only the first of a shape is decoded the slow way.

A meter sends the same rows all day. What is learnt of them is a cache, not a state: without it every result is the
same, only slower.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, NamedTuple, TypeVar

_MOST_KEYS, _MOST_UNDER_A_KEY = 64, 8
_MOST_OCTETS = 256 * 1024  # of all messages that there are plans for: three hundred of usual length

_FIRST_TRIED = 64  # how often it is tried to learn a shape in any case
_USED = 4  # how often plans must be used for each further time

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Plan = TypeVar("Plan")


class Memory(Generic[Key, Item]):
    """The last few items that were kept under each key. It forgets everything when it would become too large.

    `size` says how much room an item under a key takes, `room` how much there is in all, in the same unit; `most` keys
    are kept. Threads may share a memory: what is kept stands in a dictionary that is never changed, only replaced.
    """

    def __init__(self, size: Callable[[Key], int], room: int, most: int = _MOST_KEYS) -> None:
        self._items: dict[Key, tuple[Item, ...]] = {}
        self._size, self._room, self._most = size, room, most

    def get(self, key: Key) -> tuple[Item, ...]:
        """Return what was kept under a key, the last first."""
        return self._items.get(key, ())

    def keep(self, key: Key, item: Item) -> None:
        """Keep an item; of nine under one key the oldest goes."""
        items = self._items
        if len(items) >= self._most or self.taken + self._size(key) > self._room:
            items = {}
        self._items = {**items, key: (item, *items.get(key, ())[: _MOST_UNDER_A_KEY - 1])}

    @property
    def taken(self) -> int:
        """How much room the items take."""
        return sum(self._size(key) * len(items) for key, items in self._items.items())

    def clear(self) -> None:
        """Forget all values under all keys."""
        self._items = {}

    def __len__(self) -> int:
        return sum(map(len, self._items.values()))


class Varying(NamedTuple):
    """Octets that may differ within a shape: any octets, or digits alone."""

    at: int
    size: int
    digits: bool = False


class Shape(NamedTuple):
    """All octets of a message but the varying ones, as numbers of as many octets.

    Digits, 30 to 39, have their upper half in common, also after 6 has been added; nothing else has both.
    """

    mask: int
    fixed: int
    sixes: int  # a 6 in the place of each digit

    @classmethod
    def of(cls, octets: bytes, varying: Iterable[Varying]) -> Shape:
        """Return the shape of these octets."""
        mask, sixes = bytearray(b"\xff" * len(octets)), bytearray(len(octets))
        for at, size, digits in varying:
            mask[at : at + size] = (b"\xf0" if digits else b"\0") * size
            sixes[at : at + size] = (b"\6" if digits else b"\0") * size
        number = int.from_bytes(mask, "big")
        return cls(number, int.from_bytes(octets, "big") & number, int.from_bytes(sixes, "big"))


class Plans(Generic[Plan]):
    """Plans for the shapes of messages: a message of a known shape finds its plan by one comparison of its octets.

    What is learnt of one sender may be useless for another: `whose` names the sender whose plans are meant.
    """

    def __init__(self, room: int = _MOST_OCTETS, most: int = _MOST_KEYS) -> None:
        self._shapes = Memory[tuple[str, int], tuple[Shape, Plan]](lambda key: key[1], room, most)
        self._found, self._tried = 0, 0

    def may_learn(self) -> bool:
        """Tell whether to learn a shape now: not where each message has a shape of its own, or plans go unused.

        Learning takes about three times as long as decoding the slow way.
        """
        self._tried += 1
        return self._tried <= _FIRST_TRIED + self._found // _USED

    def find(self, octets: bytes, whose: str = "") -> Plan | None:
        """Return the plan for octets of this shape; None where none was kept."""
        shapes = self._shapes.get((whose, len(octets)))
        if not shapes:
            return None
        number = int.from_bytes(octets, "big")
        for (mask, fixed, sixes), plan in shapes:
            if number & mask == fixed and (not sixes or number + sixes & mask == fixed):
                self._found += 1
                return plan
        return None

    def keep(self, octets: bytes, varying: Iterable[Varying], plan: Plan, whose: str = "") -> None:
        """Keep a plan for the shape of these octets."""
        self._shapes.keep((whose, len(octets)), (Shape.of(octets, varying), plan))

    def clear(self) -> None:
        """Forget all plans, as a new process would."""
        self._shapes.clear()
        self._found, self._tried = 0, 0

    def __len__(self) -> int:
        return len(self._shapes)
