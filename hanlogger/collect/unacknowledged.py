"""The messages of a broker that wait for their acknowledgement, on this connection and on earlier ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

from hanlogger.sources import Envelope

MOST_LEFT = 10_000  # messages of earlier connections that are remembered, until the broker hands them over once more


@dataclass
class _Held:
    """A message, and the ids between which its frames stand in the journal; None before they do."""

    envelope: Envelope
    ids: tuple[int, int] | None = None


class Unacknowledged:
    """The messages of one port that wait for their acknowledgement.

    What was recorded and could not be acknowledged, because the connection was gone, comes once more. It is known then
    by its key, and only acknowledged: a second record would have another arrival time.
    """

    def __init__(self) -> None:
        self._here: list[_Held] = []
        self._left: dict[Hashable, deque[_Held]] = {}  # by key; none is empty

    def __len__(self) -> int:
        """Return how many messages of this connection wait."""
        return len(self._here)

    def note_connected(self, *, session_kept: bool) -> None:
        """Begin a connection: what waits will come once more where the broker has kept the session, else never."""
        if not session_kept:
            self._left.clear()
        for held in self._here if session_kept else ():
            self._left.setdefault(held.envelope.key, deque()).append(held)
        self._here = []
        while len(self._left) > MOST_LEFT:
            del self._left[next(iter(self._left))]

    def take(self, envelope: Envelope) -> bool:
        """Take a message; return whether it is new, and not one that an earlier connection brought."""
        before = self._left.get(envelope.key)
        if not before:
            self._here.append(_Held(envelope))
            return True
        held = before.popleft()
        if not before:
            del self._left[envelope.key]
        held.envelope = envelope
        self._here.append(held)
        return False

    def note_recorded(self, ids: tuple[int, int]) -> None:
        """Note that all that was taken is recorded, the newest of it between these two ids."""
        for held in self._list_all():
            held.ids = held.ids or ids

    def settle(self, is_settled: Callable[[int, int], bool]) -> list[Envelope]:
        """Return, and forget, the messages of this connection whose first and last id are settled."""
        settled = [held for held in self._here if held.ids and is_settled(*held.ids)]
        self._here = [held for held in self._here if not (held.ids and is_settled(*held.ids))]
        return [held.envelope for held in settled]

    def are_settled(self, is_settled: Callable[[int, int], bool]) -> bool:
        """Return whether all that waits, of earlier connections too, is recorded and settled."""
        return all(held.ids and is_settled(*held.ids) for held in self._list_all())

    def _list_all(self) -> Iterator[_Held]:
        yield from self._here
        for queue in self._left.values():
            yield from queue
