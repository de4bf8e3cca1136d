"""Home Assistant's own judgement of device messages: run by a Python that has the package `homeassistant`.

Each line of standard input is a device message. For each, one line says which sensors Home Assistant makes of it, as
JSON: by key, the configuration with its defaults, or {"error": why}.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from homeassistant.components.mqtt import discovery, schemas, sensor
from homeassistant.components.mqtt.const import CONF_COMPONENTS, CONF_ORIGIN
from homeassistant.const import CONF_DEVICE
from homeassistant.core import HomeAssistant


def judge(line: str) -> dict[str, Any]:
    payload = discovery.MQTTDiscoveryPayload(json.loads(line))
    discovery._replace_all_abbreviations(payload)
    try:
        schemas.DEVICE_DISCOVERY_SCHEMA(payload)
    except Exception as error:  # noqa: BLE001 whatever it says
        return {"error": repr(error)}
    return {key: judge_sensor(payload, dict(config)) for key, config in payload[CONF_COMPONENTS].items()}


def judge_sensor(device: Any, config: dict[str, Any]) -> dict[str, Any]:
    if config.pop("platform") != "sensor" or not config:
        return {"removed": True}
    made = discovery.MQTTDiscoveryPayload(config)
    made[CONF_DEVICE], made[CONF_ORIGIN] = device[CONF_DEVICE], device[CONF_ORIGIN]
    discovery._merge_common_device_options(made, device)
    try:
        known = sensor.DISCOVERY_SCHEMA(made)
    except Exception as error:  # noqa: BLE001 whatever it says
        return {"error": repr(error)}
    return {key: value if isinstance(value, str | int | list) else str(value) for key, value in known.items()}


async def main() -> None:
    """Templates are judged within a running Home Assistant alone."""
    HomeAssistant(".")
    for line in sys.stdin:
        print(json.dumps(judge(line)), flush=True)


asyncio.run(main())
