"""Lines by a template are those of the readable way, to the octet; what a template is not sure of is not made by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.messages import aidon_bodies, hdlc, telegrams
from hanlogger import simulate
from hanlogger.decoding import decode
from hanlogger.errors import DecodeError
from hanlogger.framing import find_all
from hanlogger.model import Frame, Key, Meter, Scale
from hanlogger.points.encoder import encode
from hanlogger.points.lineprotocol import read_head
from hanlogger.points.timestamp import resolve_timestamp
from hanlogger.simulate import DIALECTS, House
from hanlogger.templates import Templates
from tests.support.any_reading import messages
from tests.support.families import FAMILY_FIXTURES
from tests.support.octets import telegram
from tests.support.plans import decode_with_care
from tests.support.sending import SOAK
from tests.support.vectors import VECTORS

AT = datetime(2026, 1, 14, 14, 4, 11, 250_000, tzinfo=UTC)
HOME = Meter("home")
METERS = [
    HOME,
    Meter("home", "local", tags={"flat": "3 tr, vänster, 50 %d"}),
    Meter("home", "receive", scale=Scale(ratio=Decimal(20))),
    Meter("home", "utc", clock_limit=None, scale=Scale(Decimal(10), Decimal("0.01"), Decimal("0.1"), Decimal("1.5"))),
]
EVERY_DIALECT = sorted(DIALECTS)
MUTATIONS = 200 if SOAK else 12
"""Of each frame; a tenth where it is enciphered, as a changed one cannot be read."""


class Both:
    """A meter's messages, each delivered both ways."""

    def __init__(self, meter: Meter = HOME, keys: Sequence[Key] = ()) -> None:
        self.templates, self.meter, self.keys = Templates(), meter, keys
        self.by_template = 0

    def agree(self, frame: Frame, at: datetime | None = AT, *, judge: bool = True) -> None:
        """Hold the template, where there is one, to what the readable way says; else learn from that."""
        try:
            reading = decode_with_care(frame, self.meter, self.keys)
        except DecodeError:
            self._none(frame)
            return
        timestamp = resolve_timestamp(reading, self.meter, at, judge=judge)
        lines, untimed = encode(reading, self.meter, timestamp)
        filled = self.templates.find(frame, self.meter, self.keys)
        if filled is not None:
            own = resolve_timestamp(filled.reading, self.meter, at, judge=judge)
            made = filled.encode(own)
            assert own == timestamp
            assert made in (None, (b"".join(lines), len(lines)))
            assert made is None or not (untimed or reading.unread or reading.closed)
            assert made is None or filled.list_series(own) == set(map(read_head, lines))
            self.by_template += made is not None
        self.templates.learn(frame, self.meter, self.keys, timestamp, lines)

    def _none(self, frame: Frame) -> None:
        try:
            assert self.templates.find(frame, self.meter, self.keys) is None
        except Exception as error:  # noqa: BLE001 whoever delivers it decodes it then
            assert not isinstance(error, AssertionError)


def simulated(dialect: str, number: int) -> list[Frame]:
    sent = islice(simulate.simulate_telegrams(7, datetime(2026, 1, 14, 13, 59, 50, tzinfo=UTC), dialect), number)
    return [
        event
        for time, octets in sent
        for event in find_all(octets, time + timedelta(milliseconds=731))
        if isinstance(event, Frame)
    ]


def mutants(frame: Frame, random: Random, number: int) -> Iterator[Frame]:
    """Frames with a few octets changed, digits to digits mostly; decoding does not look at checksums."""
    data = frame.data
    digits = [at for at, octet in enumerate(data) if 0x30 <= octet <= 0x39]
    for _ in range(number):
        octets = bytearray(data)
        for _ in range(random.choice([1, 1, 2, 5, 20])):
            if digits and frame.format == "p1" and random.random() < 0.9:
                octets[random.choice(digits)] = random.choice(b"00123456789:?")
            else:
                octets[random.randrange(len(data))] = random.randrange(256)
        yield frame._replace(data=bytes(octets))


def agree_on_all(frames: Sequence[Frame], keys: Sequence[Key] = ()) -> None:
    """Hold both ways to each other on frames and the mutants of each, which are shared out among the meters."""
    mutations = MUTATIONS // 10 if keys else MUTATIONS
    for number, meter in enumerate(METERS):
        both, random = Both(meter, keys), Random(number)
        for frame in frames:
            for at, judge in ((AT, True), (AT, True), (frame.received_at, True), (AT, False), (None, False)):
                both.agree(frame, at, judge=judge)
            for mutant in mutants(frame, random, -(-mutations // len(METERS))):
                both.agree(mutant, random.choice([AT, frame.received_at]))


@pytest.mark.parametrize("dialect", EVERY_DIALECT)
def test_what_a_meter_sends_all_day_is_delivered_by_templates(dialect: str) -> None:
    key = DIALECTS[dialect].key
    both = Both(keys=[key] if key else [])
    frames = simulated(dialect, 30)
    for frame in frames:
        both.agree(frame, frame.received_at)
    assert both.by_template > len(frames) - 8, "all but the first of each shape"


@pytest.mark.parametrize("dialect", ["aidon-no", "kaifa-no", "kamstrup"])
def test_hourly_lists_are_delivered_by_templates(dialect: str) -> None:
    push, begin, both = DIALECTS[dialect].pushes[0], datetime(2026, 1, 14, 11, tzinfo=UTC), Both()
    house = House(7, begin)
    for hour in range(4):
        time = begin + timedelta(hours=hour) + push.late
        [frame] = [each for each in find_all(push.encode(house.compute_state(time)), time) if isinstance(each, Frame)]
        both.agree(frame, time)
    assert both.by_template >= 2


@pytest.mark.parametrize("dialect", EVERY_DIALECT)
def test_templates_and_the_readable_way_agree_on_mutations_of_simulated_messages(dialect: str) -> None:
    key = DIALECTS[dialect].key
    agree_on_all(simulated(dialect, 3), [key] if key else [])


@pytest.mark.parametrize("name", [fixture.name for fixture in FAMILY_FIXTURES])
def test_templates_and_the_readable_way_agree_on_every_fixture(name: str) -> None:
    [fixture] = [each for each in FAMILY_FIXTURES if each.name == name]
    agree_on_all(fixture.frames)


@pytest.mark.parametrize("name", [vector.name for vector in VECTORS])
def test_templates_and_the_readable_way_agree_on_every_vector(name: str) -> None:
    [vector] = [each for each in VECTORS if each.name == name]
    frames = [event for event in find_all(vector.octets, AT) if isinstance(event, Frame)]
    agree_on_all(frames, vector.keys)


def test_templates_and_the_readable_way_agree_on_every_real_message(corpus: Path) -> None:
    for facts, frames in messages(corpus):
        own = [bytes.fromhex(facts[name]) if facts.get(name) else None for name in ("key", "auth_key")]
        agree_on_all(frames[:2], [Key(own[0], own[1])] if own[0] else [])


def test_random_numbers_are_written_by_templates_as_the_readable_way_writes_them() -> None:
    for frames in (
        [Frame("p1", data.rstrip(), AT) for data in telegrams(200)],
        [Frame("hdlc", hdlc(body)[:-1], AT) for body in aidon_bodies(200)],
    ):
        both = Both()
        for frame in frames:
            both.agree(frame)
        assert both.by_template >= 190


numbers = st.lists(st.integers(0, 10**9), min_size=6, max_size=6)


@settings(max_examples=100, deadline=None)
@given(st.lists(numbers, min_size=2, max_size=4), st.integers(0, 59), st.sampled_from(METERS))
def test_any_numbers_in_a_telegram_are_written_as_the_readable_way_writes_them(
    messages: list[list[int]], second: int, meter: Meter
) -> None:
    both = Both(meter)
    for a, b, c, d, e, f in messages:
        data = telegram(
            f"0-0:1.0.0(2601141504{second:02}W)",
            "1-3:0.2.8(50)",
            f"1-0:1.8.1({a:010}.{b % 1000:03}*kWh)",
            f"1-0:1.8.2({c:010}.{d % 1000:03}*kWh)",
            f"1-0:1.7.0({e % 10**5:05}.{f % 1000:03}*kW)",
            f"1-0:2.7.0({f % 10**5:05}.{e % 100:02}*kW)",
            f"1-0:32.7.0({a % 1000:03}.{b % 10}*V)",
            f"1-0:51.7.0(-{c % 1000:03}.{d % 10}*A)",
            f"1-0:52.32.0({a % 10**5:05})",
            "0-1:24.1.0(003)",
            f"0-1:24.2.1(260114{a % 24:02}{b % 60:02}00W)({e % 10**5:05}.{f % 1000:03}*m3)",
        )
        [frame] = [event for event in find_all(data, AT) if isinstance(event, Frame)]
        both.agree(frame)
        both.agree(frame, None, judge=False)


def test_a_scale_that_the_numbers_decide_is_decided_for_each_message() -> None:
    [fixture] = [each for each in FAMILY_FIXTURES if each.name == "kamstrup/denmark"]
    [frame] = fixture.frames
    at = frame.data.index(bytes.fromhex("0101200700ff12")) + 7
    both = Both()
    for volts in (230, 231, 1000, 1001, 23_000, 23_100, 229):
        data = frame.data[:at] + volts.to_bytes(2, "big") + frame.data[at + 2 :]
        both.agree(frame._replace(data=data))
    assert both.by_template >= 3


def test_a_plan_decides_such_a_scale_for_each_message_too() -> None:
    [fixture] = [each for each in FAMILY_FIXTURES if each.name == "kamstrup/denmark"]
    [frame] = fixture.frames
    at = frame.data.index(bytes.fromhex("0101200700ff12")) + 7
    for volts in (230, 231, 1001, 23_000, 229, 23_001):
        other = frame._replace(data=frame.data[:at] + volts.to_bytes(2, "big") + frame.data[at + 2 :])
        assert decode(other, HOME) == decode_with_care(other, HOME)


def test_a_code_that_stands_twice_has_no_template_as_times_tell_its_series() -> None:
    both = Both(Meter("home", clock_limit=None))
    for first, second in (("04", "05"), ("06", "07"), ("08", "08"), ("09", "10")):
        rows = [f"0-1:24.2.1(260114{hour}0000W)(00001.{hour}0*m3)" for hour in (first, second)]
        [frame] = [each for each in find_all(telegram("1-0:1.7.0(00.001*kW)", *rows), AT) if isinstance(each, Frame)]
        both.agree(frame)
    assert both.by_template == 0


def test_a_meter_of_another_medium_in_the_next_message_has_its_own_series() -> None:
    both = Both()
    for medium in ("003", "003", "007", "003"):
        rows = ("1-0:1.7.0(00.001*kW)", f"0-1:24.1.0({medium})", "0-1:24.2.1(260114140000W)(00001.110*m3)")
        [frame] = [each for each in find_all(telegram(*rows), AT) if isinstance(each, Frame)]
        both.agree(frame)


@pytest.mark.parametrize("dialect", ["p1-aidon-ct", "aidon-se", "kamstrup"])
def test_a_meter_behind_transformers_is_delivered_by_templates(dialect: str) -> None:
    both = Both(Meter("home", scale=Scale(ratio=Decimal(100))))
    frames = simulated(dialect, 20)
    for frame in frames:
        both.agree(frame, frame.received_at)
    assert both.by_template > len(frames) - 4


def test_a_meter_whose_settings_change_is_written_by_those_of_now() -> None:
    templates = Templates()
    frame = Frame("p1", telegrams(1)[0].rstrip(), AT)
    for meter in (HOME, replace(HOME, tags={"flat": "2"}), HOME, replace(HOME, clock="utc")):
        for _ in range(2):
            reading = decode(frame, meter)
            timestamp = resolve_timestamp(reading, meter, AT)
            lines = encode(reading, meter, timestamp).lines
            filled = templates.find(frame, meter)
            assert filled is None or filled.encode(timestamp) == (b"".join(lines), len(lines))
            templates.learn(frame, meter, (), timestamp, lines)
        assert templates.find(frame, meter) is not None


def test_a_meter_of_which_nothing_can_be_learnt_is_soon_left_alone() -> None:
    templates = Templates()
    for number in range(500):
        data = telegram("1-0:1.7.0(1*W)", "1-0:1.7.0(2*W)", f"0-0:96.1.1({'x' * (number % 100)})")
        [frame] = [event for event in find_all(data, AT) if isinstance(event, Frame)]
        reading = decode(frame, HOME)
        timestamp = resolve_timestamp(reading, HOME, AT)
        templates.learn(frame, HOME, (), timestamp, encode(reading, HOME, timestamp).lines)
    assert not templates._of_frames.may_learn()
    assert len(templates._of_frames) == 0
