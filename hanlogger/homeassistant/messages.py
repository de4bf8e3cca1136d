"""The messages of one logger to Home Assistant: topics and their contents.

A key that Home Assistant does not know at the root of a config makes it drop the whole message, `~` among them, and
`qos` there is not inherited: so every entity has all its keys but the topics.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hanlogger import __version__
from hanlogger.homeassistant.entities import Entity
from hanlogger.homeassistant.values import Value
from hanlogger.status.state import MeterState

ONLINE, OFFLINE = b"online", b"offline"
REMOVED = {"p": "sensor"}
"""An entity of a config that has nothing but its platform is removed by Home Assistant."""

Config = dict[str, Any]


class Message(NamedTuple):
    """A message to be published, and how the broker is to treat it."""

    topic: str
    payload: bytes
    retain: bool = True
    qos: int = 1


class Topics(NamedTuple):
    """The topics of a logger; `prefix`: where Home Assistant looks for devices."""

    prefix: str
    logger: str

    @property
    def status(self) -> str:
        """Where the logger says that it runs."""
        return f"hanlogger/{self.logger}/status"

    @property
    def every_config(self) -> str:
        """The filter of all devices that Home Assistant may have."""
        return f"{self.prefix}/device/+/config"

    def name_of_meter(self, meter: str, what: str) -> str:
        """Return the topic of a meter's `state` or `status`."""
        return f"hanlogger/{self.logger}/{meter}/{what}"

    def name_config(self, meter: str) -> str:
        """Return the topic of a meter's device."""
        return f"{self.prefix}/device/{make_id(meter)}/config"


def make_id(meter: str) -> str:
    """Return the id of a meter among all devices of a Home Assistant."""
    return f"hanlogger_{meter}"


def find_meter(topic: str) -> str:
    """Return the meter whose device is told under a topic that `Topics.name_config` made."""
    return topic.split("/")[-2].removeprefix(make_id(""))


def build_config(topics: Topics, meter: MeterState, entities: Sequence[Entity]) -> Config:
    """Return what Home Assistant is told of a meter: the device, and each of its entities under its key."""
    return {
        "dev": {"ids": [make_id(meter.name)], "name": meter.label or meter.name, **_describe(meter)},
        "o": {"name": "hanlogger", "sw": __version__},
        "avty": [{"t": topics.status}, {"t": topics.name_of_meter(meter.name, "status")}],
        "avty_mode": "all",
        "stat_t": topics.name_of_meter(meter.name, "state"),
        "cmps": {entity.key: _build_sensor(meter.name, entity) for entity in entities},
    }


def is_ours(config: object, topics: Topics) -> bool:
    """Return whether a config that a broker keeps was made by this logger."""
    if not isinstance(config, Mapping):
        return False
    origin, availability = config.get("o"), config.get("avty")
    made_here = isinstance(origin, Mapping) and origin.get("name") == "hanlogger"
    return made_here and isinstance(availability, list) and {"t": topics.status} in availability


def build_state(values: Sequence[Value]) -> Mapping[str, float | int | str]:
    """Return all values of a meter by their entities' keys."""
    return {value.entity.key: value.value for value in values}


def encode(content: Mapping[str, Any]) -> bytes:
    """Return a content as JSON, always the same octets for the same content."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _describe(meter: MeterState) -> dict[str, str]:
    kinds = (meter.registers.get(code) for code in ("0-0:96.1.7", "1-0:96.1.1"))
    model = next((register.value for register in kinds if register), "")
    return {"mdl": model} if model else {}


def _build_sensor(meter: str, entity: Entity) -> Config:
    sensor = entity.sensor
    keys: Config = {
        "p": "sensor",
        "uniq_id": f"{make_id(meter)}_{entity.key}",
        "name": entity.name,
        "val_tpl": f"{{{{ value_json['{entity.key}'] | default('') }}}}",
        "dev_cla": sensor.device_class,
        "stat_cla": sensor.state_class,
        "unit_of_meas": sensor.unit,
        "ent_cat": "diagnostic" if sensor.diagnostic else "",
    }
    keys = {key: value for key, value in keys.items() if value}
    if sensor.precision is not None:
        keys["sug_dsp_prc"] = sensor.precision
    return keys if sensor.enabled else keys | {"en": False}
