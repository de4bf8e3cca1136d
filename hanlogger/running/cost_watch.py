"""The thread that computes the running costs of meters every ten seconds; it runs only where a tariff is set."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime

from hanlogger.costs import Contracts, NowCosts
from hanlogger.costs.names import from_texts, list_names, make_tariff_key, note_change, to_texts
from hanlogger.errors import ConfigError, JournalUnavailable
from hanlogger.journal import Journal
from hanlogger.model import Meter
from hanlogger.status.costs import CostState
from hanlogger.status.state import State

EVERY = 10.0  # seconds

log = logging.getLogger(__name__)


class CostWatch(threading.Thread):
    """Keeps the running costs of each meter. Any thread may call `update` and `get`; neither waits nor raises.

    meters: those whose intervals are announced to delivery when their tariff changes; none without a database.
    """

    def __init__(
        self,
        journal: Journal,
        contracts: Contracts,
        costs: NowCosts,
        meters: Mapping[str, Meter],
        stop: threading.Event,
        *,
        every: float = EVERY,
    ) -> None:
        super().__init__(name="costs", daemon=True)
        self._journal, self._contracts, self._costs = journal, contracts, costs
        self._meters, self._stopped, self._every = meters, stop, every
        self._state: State | None = None
        self._known: dict[str, CostState] = {}
        self._said: set[tuple[str, str]] = set()
        self._seen: dict[str, int] = {}

    def update(self, state: State) -> None:
        """Take the newest state of the logger."""
        self._state = state

    def get(self, meter: str) -> CostState | None:
        """Return the running costs of a meter; None where it has no tariff, or nothing is known yet."""
        return self._known.get(meter)

    def run(self) -> None:
        """Compute the costs until `stop` is set; a fault affects nothing but the costs."""
        while not self._stopped.wait(self._every if self._known or self._state is None else min(self._every, 1.0)):
            for meter in self._state.meters if self._state else ():
                self._compute(meter.name)

    def _compute(self, name: str) -> None:
        state = self._state
        meter = next((each for each in state.meters if each.name == name), None) if state else None
        try:
            found = self._costs.compute(meter, datetime.now(UTC)) if meter else None
            if found:
                self._known[name] = found
                self._announce_new_tariff(name)
        except ConfigError as error:
            self._known[name] = CostState("", "", None, "unknown", words=str(error))
            self._say(name, str(error))
        except JournalUnavailable as error:
            self._say(name, str(error))
        except Exception:  # a fault of ours must not end what runs
            if (name, "fault") not in self._said:
                log.exception("meter %s: its costs cannot be worked out", name)
            self._said.add((name, "fault"))

    def _announce_new_tariff(self, name: str) -> None:
        """Have all costs delivered once more where the tariff's files have changed since they were computed."""
        mark = self._contracts.compute_fingerprint(name)
        if self._seen.get(name) == mark or name not in self._meters:
            return
        key, learnt = make_tariff_key(name), self._journal.learnt
        known = learnt.get(key)
        kept = known | to_texts(from_texts(known).add(list_names(self._contracts.load(name))))
        if known.get("crc") != str(mark):
            kept |= note_change(datetime.now(UTC))
            learnt.put(key, kept)  # before it is announced, as delivery asks for them
            quarters = self._journal.intervals.announce(self._meters[name])
            log.info("meter %s: its tariff has changed: %d quarters of an hour are priced anew", name, quarters)
        learnt.put(key, kept | {"crc": str(mark)})
        self._seen[name] = mark

    def _say(self, name: str, words: str) -> None:
        if (name, words) not in self._said:
            log.warning("meter %s: its costs cannot be worked out: %s", name, words)
        self._said.add((name, words))
