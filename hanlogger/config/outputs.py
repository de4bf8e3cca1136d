"""Build the frozen settings of outputs for other programs, and check the meters that they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hanlogger.address import Address
from hanlogger.config.explain import name_origin
from hanlogger.config.files import Files
from hanlogger.config.layers import Layers
from hanlogger.config.login import build_login
from hanlogger.config.output_tables import RelayTable
from hanlogger.config.places import SettingPath
from hanlogger.config.schema import Schema
from hanlogger.config.settings import Relay
from hanlogger.errors import ConfigError
from hanlogger.homeassistant.target import HomeAssistant
from hanlogger.model import DEMO

_LISTEN: SettingPath = ("relay", "listen")


def build_home_assistant(schema: Schema, files: Files) -> HomeAssistant | None:
    """Return the broker of a Home Assistant, and what is published there; None where none is set."""
    table = schema.homeassistant
    if table is None:
        return None
    login = build_login(table, ("homeassistant",), files)
    return HomeAssistant(table.broker, login, table.prefix, table.demo, schema.language)


def build_relay(table: RelayTable, meters: Sequence[str], layers: Layers) -> Relay:
    """Return the relay of these meters; ConfigError where an address is ambiguous or its meter unknown."""
    origin = name_origin(_LISTEN, layers)
    addresses = table.listen if isinstance(table.listen, Mapping) else _assign_address(table.listen, meters, origin)
    for name in addresses.keys() - set(meters) if meters != [DEMO] else ():
        raise ConfigError(f'{origin}: found meter "{name}", which is not read; allowed: {", ".join(meters)}')
    for address, number in Counter(addresses.values()).items():
        if number > 1:
            raise ConfigError(f"{origin}: found {address} for {number} meters; allowed: another address for each")
    return Relay({name: at for name, at in addresses.items() if name in meters and (name != DEMO or table.demo)})


def _assign_address(address: Address, meters: Sequence[str], origin: str) -> Mapping[str, Address]:
    if len(meters) > 1:
        example = ", ".join(f'{name} = "{address._replace(port=address.port + at)}"' for at, name in enumerate(meters))
        raise ConfigError(f"{origin}: found one address for {len(meters)} meters; allowed: {{ {example} }}")
    return dict.fromkeys(meters, address)
