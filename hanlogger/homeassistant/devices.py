"""Track what Home Assistant knows about this logger's meters, and decide what it is told next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from hanlogger.homeassistant.liveness import is_available, is_live
from hanlogger.homeassistant.messages import (
    OFFLINE,
    ONLINE,
    REMOVED,
    Config,
    Message,
    Topics,
    build_config,
    build_state,
    encode,
    find_meter,
    is_ours,
)
from hanlogger.homeassistant.values import list_values
from hanlogger.http import read_json
from hanlogger.language import Language
from hanlogger.model import DEMO
from hanlogger.status.state import MeterState, State

GONE = timedelta(hours=25)
"""A register, or a meter, that has not come for so long is removed: some come once an hour, or once a day."""

PATIENCE = timedelta(seconds=10)
"""Between two configs of one meter."""


class Devices:
    """The devices of one connection to a broker. Pure: it is given states and what the broker keeps, and yields."""

    def __init__(self, topics: Topics, language: Language, *, demo: bool = False) -> None:
        """Begin with nothing told. demo: whether the demo's meter is a device too."""
        self._topics, self._language, self._demo = topics, language, demo
        self._kept: dict[str, Config] = {}  # by topic: configs of this logger that the broker keeps
        self._sent: dict[str, bytes] = {}  # by topic: what is retained there
        self._configured: dict[str, datetime] = {}  # by topic: when a config was sent last
        self._last: dict[str, datetime] = {}  # by meter: the telegram that was told last

    def note_kept(self, topic: str, payload: bytes) -> None:
        """Note a config that the broker keeps from before."""
        config = read_json(payload)
        if is_ours(config, self._topics):
            self._kept[topic] = config

    def tell(self, state: State) -> Iterator[Message]:
        """Yield what is new in a state: devices, whether each is available, and the values of new telegrams."""
        meters = [meter for meter in state.meters if meter.state != "ended" and (self._demo or meter.name != DEMO)]
        yield from self._leave_others(meters, state)
        yield from self._retain(self._topics.status, ONLINE)
        for meter in meters:
            yield from self._tell_device(meter, state)
            available = is_available(meter, state.started, state.at)
            yield from self._retain(self._topics.name_of_meter(meter.name, "status"), ONLINE if available else OFFLINE)
            yield from self._tell_values(meter, state)

    def _leave_others(self, meters: list[MeterState], state: State) -> Iterator[Message]:
        """Say that other devices of this logger are offline, and remove them once they have been so for long.

        A logger that runs for an hour with the demo, or another port, costs the user no device.
        """
        here = {self._topics.name_config(meter.name) for meter in meters}
        for topic in [topic for topic in self._kept if topic not in here]:
            yield from self._retain(self._topics.name_of_meter(find_meter(topic), "status"), OFFLINE)
            if state.at - state.started > GONE:
                del self._kept[topic]
                yield Message(topic, b"")

    def _tell_device(self, meter: MeterState, state: State) -> Iterator[Message]:
        """Tell which entities a meter has: those whose values have come, and those of before that may come again."""
        topic = self._topics.name_config(meter.name)
        values = list_values(meter, self._language)
        if meter.last is None or not values:
            return
        config = build_config(self._topics, meter, [value.entity for value in values])
        told = self._kept.get(topic, {}).get("cmps", {})
        before = {key: told[key] for key in told if key not in config["cmps"] and told[key] != REMOVED}
        config["cmps"] |= dict.fromkeys(before, REMOVED) if state.at - state.started > GONE else before
        if config != self._kept.get(topic) or topic not in self._sent:
            yield from self._send_config(topic, config, state.at)

    def _send_config(self, topic: str, config: Config, now: datetime) -> Iterator[Message]:
        """Yield a config, unless Home Assistant may still be at work on the one before, of which it then loses some."""
        if topic not in self._configured or now - self._configured[topic] > PATIENCE:
            self._configured[topic], self._kept[topic] = now, config
            yield from self._retain(topic, encode(config))

    def _tell_values(self, meter: MeterState, state: State) -> Iterator[Message]:
        if meter.last is None or meter.last == self._last.get(meter.name):
            return
        self._last[meter.name] = meter.last
        if is_live(meter, state.started, state.at):
            content = encode(build_state(list_values(meter, self._language)))
            yield Message(self._topics.name_of_meter(meter.name, "state"), content, retain=False, qos=0)

    def _retain(self, topic: str, payload: bytes) -> Iterator[Message]:
        """Yield what is to be kept by the broker, unless it has been sent over this connection."""
        if self._sent.get(topic) != payload:
            self._sent[topic] = payload
            yield Message(topic, payload)
