"""What Home Assistant is told: devices, their availability, and states of now alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hanlogger.homeassistant.devices import Devices
from hanlogger.homeassistant.messages import Message, Topics
from hanlogger.status.costs import CostState
from hanlogger.status.state import MeterState, RegisterState, State
from tests.support.costing import COSTS, FEE
from tests.support.houses import START, meter, state

TOPICS = Topics("homeassistant", "cellar")
CONFIG = "homeassistant/device/hanlogger_home/config"
DAY = timedelta(days=1)


def devices(**more: Any) -> Devices:
    return Devices(TOPICS, "en", **more)


def told(by: Devices, now: State) -> dict[str, Message]:
    """Its messages by topic; each topic is told once at most."""
    messages = list(by.tell(now))
    assert len({message.topic for message in messages}) == len(messages)
    return {message.topic: message for message in messages}


def content(message: Message) -> Any:
    return json.loads(message.payload)


def later(one: MeterState, seconds: float, **changes: Any) -> MeterState:
    """The same meter with a telegram of so much later."""
    assert one.last is not None
    return replace(one, last=one.last + timedelta(seconds=seconds), **changes)


def test_a_meter_with_a_tariff_tells_its_month_and_the_hour_that_runs() -> None:
    messages = told(devices(), state(meter(costs=COSTS)))
    values = content(messages["hanlogger/cellar/home/state"])
    assert (values["cost_month"], values["fee_1_kw"], values["fee_1_forecast"], values["fee_1_allowed"]) == (
        1842.1,
        4.2,
        5.1,
        3.933,
    )
    entities = content(messages[CONFIG])["cmps"]
    assert entities["cost_month"]["unit_of_meas"] == "SEK"
    assert entities["fee_1_kw"]["name"] == "Power fee: power so far"


@pytest.mark.parametrize(
    ("costs", "missing"),
    [
        (replace(COSTS, quality="unknown"), "cost_month"),
        (replace(COSTS, known=None), "fee_1_kw"),
        (replace(COSTS, fees=(replace(FEE, running=None),)), "fee_1_forecast"),
    ],
)
def test_what_is_not_known_of_costs_is_not_told(costs: CostState, missing: str) -> None:
    assert missing not in content(told(devices(), state(meter(costs=costs)))["hanlogger/cellar/home/state"])


def test_a_meter_that_sends_is_a_device_that_is_online_with_a_state() -> None:
    messages = told(devices(), state(meter()))
    assert list(messages) == [
        "hanlogger/cellar/status",
        CONFIG,
        "hanlogger/cellar/home/status",
        "hanlogger/cellar/home/state",
    ]
    assert [message.payload for topic, message in messages.items() if topic.endswith("status")] == [b"online"] * 2
    assert [(message.retain, message.qos) for message in messages.values()] == [(True, 1)] * 3 + [(False, 0)]


def test_the_sensors_are_those_registers_that_the_meter_sends_and_its_health() -> None:
    sent = meter()
    config = content(told(devices(), state(sent))[CONFIG])
    keys = config["cmps"].keys()
    assert keys - {"last", "damaged"} == {
        f"1-0_{code.partition(':')[2].replace('.', '_')}" for code in sent.registers
    } - {"1-0_1_0_0"}
    assert "1-0_2_8_0" in keys
    assert "1-0_2_8_0" not in content(told(devices(), state(without_export(sent)))[CONFIG])["cmps"]


def without_export(one: MeterState) -> MeterState:
    return replace(one, registers={code: it for code, it in one.registers.items() if code != "1-0:2.8.0"})


def test_every_sensor_has_its_value_in_the_state_and_every_value_its_sensor() -> None:
    messages = told(devices(), state(meter(clock_offset=0.44)))
    now = content(messages["hanlogger/cellar/home/state"])
    config = content(messages[CONFIG])
    assert now.keys() == config["cmps"].keys()
    assert now["last"] == "2026-01-01T12:00:00.000+00:00"
    assert now["clock_offset"] == 0.4
    for key, sensor in config["cmps"].items():
        assert sensor["val_tpl"] == f"{{{{ value_json['{key}'] | default('') }}}}"
        assert sensor["uniq_id"] == f"hanlogger_home_{key}"


def test_energy_is_told_in_kwh_and_power_in_w() -> None:
    one = meter(registers={"1-0:1.8.0": register("6678394", "Wh"), "1-0:1.7.0": register("1727", "W")})
    now = content(told(devices(), state(one))["hanlogger/cellar/home/state"])
    assert now["1-0_1_8_0"] == 6678.394
    assert now["1-0_1_7_0"] == 1727


def register(value: str, unit: str) -> RegisterState:
    return RegisterState(value, unit, START)


def test_the_device_is_named_as_the_user_names_the_meter() -> None:
    assert content(told(devices(), state(meter()))[CONFIG])["dev"]["name"] == "home"
    labelled = content(told(devices(), state(meter(label="Summer house")))[CONFIG])["dev"]
    assert labelled["name"] == "Summer house"
    assert labelled["ids"] == ["hanlogger_home"]


def test_a_state_is_told_once_for_each_telegram() -> None:
    by, one = devices(), meter()
    told(by, state(one))
    assert told(by, state(one, at=START + timedelta(seconds=1))) == {}
    again = told(by, state(later(one, 10), at=START + timedelta(seconds=10)))
    assert list(again) == ["hanlogger/cellar/home/state"]


def test_a_telegram_of_before_the_start_is_no_state() -> None:
    """The logger's first state is that of the journal's last telegram, a minute or a month old."""
    started = START + timedelta(seconds=1)
    messages = told(devices(), state(meter(), at=started, started=started))
    assert CONFIG in messages
    assert messages["hanlogger/cellar/home/status"].payload == b"offline"
    assert "hanlogger/cellar/home/state" not in messages


@pytest.mark.parametrize(("seconds", "live"), [(0, True), (59, True), (60, False), (86_400, False)])
def test_an_old_telegram_is_no_state(seconds: int, live: bool) -> None:
    now = START + timedelta(seconds=seconds)
    messages = told(devices(), state(meter(), at=now, started=START - DAY))
    assert ("hanlogger/cellar/home/state" in messages) == live


@pytest.mark.parametrize(("port", "offset", "live"), [
    ("mqtt://broker/han", -301.0, False),
    ("mqtt://broker/han", -299.0, True),
    ("via:flats", -86_400.0, False),
    ("kafka://broker/han", -3600.0, False),
    ("/dev/ttyUSB0", -3600.0, True),
    ("mqtt://broker/han", None, True),
])  # fmt: skip
def test_what_a_broker_kept_for_long_is_no_state(port: str, offset: float | None, live: bool) -> None:
    messages = told(devices(), state(meter(port=port, clock_offset=offset)))
    assert ("hanlogger/cellar/home/state" in messages) == live


@pytest.mark.parametrize(
    ("interval", "seconds", "payload"),
    [
        (10.0, 59, b"online"),
        (10.0, 61, b"offline"),
        (None, 61, b"offline"),
        (60.0, 350, b"online"),
        (60.0, 361, b"offline"),
        (86_400.0, 7201, b"offline"),
    ],
)
def test_a_meter_that_is_silent_for_six_of_its_intervals_is_offline(
    interval: float | None, seconds: int, payload: bytes
) -> None:
    now = START + timedelta(seconds=seconds)
    messages = told(devices(), state(meter(interval=interval), at=now, started=START - DAY))
    assert messages["hanlogger/cellar/home/status"].payload == payload


def test_a_file_and_the_demo_are_no_devices() -> None:
    ended = meter(state="ended", port="file:capture")
    demo = meter(name="demo", port="demo:")
    assert list(told(devices(), state(ended, demo))) == ["hanlogger/cellar/status"]
    assert "homeassistant/device/hanlogger_demo/config" in told(devices(demo=True), state(demo))


def kept(by: Devices, *meters: MeterState, topics: Topics = TOPICS) -> Devices:
    """As the broker tells what another connection had it keep."""
    for message in Devices(topics, "en").tell(state(*meters)):
        by.note_kept(message.topic, message.payload)
    return by


def test_registers_that_came_before_a_restart_stay_for_a_day() -> None:
    one = meter()
    few = without_export(one)
    by = kept(devices(), one)
    assert "1-0_2_8_0" in content(told(by, state(few))[CONFIG])["cmps"]


def test_registers_that_have_not_come_for_a_day_are_removed() -> None:
    one = meter()
    few, now = without_export(one), START
    by = kept(devices(), one)
    config = content(told(by, state(few, started=now - 2 * DAY))[CONFIG])
    assert config["cmps"]["1-0_2_8_0"] == {"p": "sensor"}
    assert config["cmps"]["1-0_1_8_0"]["dev_cla"] == "energy"
    now += timedelta(seconds=11)
    config = content(told(by, state(later(few, 11), at=now, started=now - 2 * DAY))[CONFIG])
    assert "1-0_2_8_0" not in config["cmps"]
    now += timedelta(seconds=11)
    assert CONFIG not in told(by, state(later(few, 22), at=now, started=now - 2 * DAY))


def test_a_meter_that_is_gone_is_offline_at_once_and_removed_after_a_day() -> None:
    by = kept(devices(), meter(), meter(name="flat"))
    messages = told(by, state(meter()))
    assert messages["hanlogger/cellar/flat/status"].payload == b"offline"
    assert "homeassistant/device/hanlogger_flat/config" not in messages
    messages = told(by, state(meter(), started=START - 2 * DAY))
    assert messages["homeassistant/device/hanlogger_flat/config"] == Message(
        "homeassistant/device/hanlogger_flat/config", b""
    )
    assert "homeassistant/device/hanlogger_flat/config" not in told(by, state(meter(), started=START - 2 * DAY))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 50_000,
        b'{"o":"hanlogger"}',
        b'{"o":{"name":"hanlogger"},"avty":"x"}',
        b'{"o":{"name":"z2m"}}',
    ],
)
def test_what_others_keep_at_the_broker_is_not_touched(payload: bytes) -> None:
    by = devices()
    by.note_kept("homeassistant/device/other/config", payload)
    kept(by, meter(name="flat"), topics=Topics("homeassistant", "attic"))
    messages = told(by, state(meter(), started=START - 2 * DAY))
    assert not [topic for topic in messages if "other" in topic or "flat" in topic]


def test_a_new_register_is_told_but_not_while_home_assistant_may_be_at_work() -> None:
    by, one = devices(), meter()
    few, now = without_export(one), START
    told(by, state(few))
    now += timedelta(seconds=5)
    assert CONFIG not in told(by, state(later(one, 5), at=now))
    now += timedelta(seconds=6)
    assert "1-0_2_8_0" in content(told(by, state(later(one, 11), at=now))[CONFIG])["cmps"]


def test_nothing_is_told_of_a_meter_that_never_sent() -> None:
    never = meter(last=None, registers={}, interval=None)
    assert list(told(devices(), state(never))) == ["hanlogger/cellar/status", "hanlogger/cellar/home/status"]


def test_no_key_is_at_the_root_that_home_assistant_does_not_know() -> None:
    config = content(told(devices(), state(meter()))[CONFIG])
    assert config.keys() == {"dev", "o", "avty", "avty_mode", "stat_t", "cmps"}
