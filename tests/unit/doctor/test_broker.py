"""What the doctor makes of what a running logger says of a broker's port and of the meters behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hanlogger.config import load
from hanlogger.doctor import Host, Level
from hanlogger.doctor.broker import examine_broker
from hanlogger.model import Meter
from hanlogger.sources import Broker, Port
from hanlogger.status.state import BrokerState, MeterState, State
from tests.support.doctoring import english, keys
from tests.support.houses import meter, state

FLATS = Port("mqtt://box/han/+/raw", Meter("flats"), broker=Broker())
FLAT = Port("via:flats", Meter("flat1"))
OPEN = BrokerState("flats", FLATS.url, "open", meters=1)


@dataclass(frozen=True)
class Told(Host):
    """A host whose running logger says what the test says."""

    said: State | None = None

    @property
    def running(self) -> State | None:
        return self.said


def told(tmp_path: Path, *meters: MeterState, **changes: object) -> Host:
    (tmp_path / "none.toml").touch()
    broker = replace(OPEN, **changes)  # type: ignore[arg-type]
    return Told(load(tmp_path / "none.toml", {}), said=replace(state(*meters), brokers=(broker,)))


@pytest.mark.parametrize(
    ("counts", "key"), [({}, ""), ({"flapping": 2}, "broker-flapping"), ({"sessions lost": 2}, "broker-session-lost")]
)
def test_what_a_broker_s_port_has_counted_is_a_warning(tmp_path: Path, counts: dict[str, int], key: str) -> None:
    well, *warnings = examine_broker(told(tmp_path, counts=counts), FLATS)
    assert well.key == "broker-by-logger"
    assert keys(warnings) == [key] * bool(key)
    assert all(one.level is Level.WARNING and "2 times" in english(one) for one in warnings)


def test_a_meter_whose_telegrams_are_of_another_is_a_warning_beside_what_else_is_said_of_it(tmp_path: Path) -> None:
    flat = meter(name="flat1", counts={"misnamed": 3})
    found = list(examine_broker(told(tmp_path, flat), FLAT))
    assert keys(found) == ["broker-meter-misnamed", "broker-meter"]
    assert "3 times" in english(found[0])
    assert keys(list(examine_broker(told(tmp_path, replace(flat, counts={})), FLAT))) == ["broker-meter"]


def test_a_meter_is_silent_by_its_state_or_where_nothing_has_come(tmp_path: Path) -> None:
    for changes in ({"last": None}, {"state": "silent"}):
        found = examine_broker(told(tmp_path, meter(name="flat1", **changes)), FLAT)
        assert keys(list(found)) == ["broker-meter-silent"]
    assert keys(list(examine_broker(told(tmp_path), FLAT))) == ["broker-no-logger"]
