"""Where a Home Assistant listens, and what it is to be told."""

from __future__ import annotations

from dataclasses import dataclass, field

from hanlogger.language import Language
from hanlogger.mqtt.login import BrokerAddress, Login


@dataclass(frozen=True)
class HomeAssistant:
    """The broker at which a Home Assistant listens, and what it is to be told."""

    url: str
    login: Login = field(default_factory=Login)
    prefix: str = "homeassistant"  # where it looks for devices
    demo: bool = False  # whether the demo's meter is among them
    language: Language = "en"

    @property
    def address(self) -> BrokerAddress:
        """Where the broker is, as its URL says."""
        return BrokerAddress.parse(self.url)
