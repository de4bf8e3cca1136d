"""The octets of each dialect, found and decoded, are the values of the house; encoder and decoder share no code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from itertools import islice, pairwise

import pytest

from hanlogger.decoding import decode
from hanlogger.errors import KeyNeeded
from hanlogger.framing import find_all
from hanlogger.model import Frame, Meter, Reading, Scale
from hanlogger.points.timestamp import convert_register_clock, resolve_timestamp
from hanlogger.simulate import DIALECTS, House, HouseState, simulate_telegrams
from hanlogger.simulate.faults import find_dst_changes
from hanlogger.simulate.quantities import SCALERS, compute_quantities
from tests.support.points import points, untimed

SEED = 11
SUMMER, WINTER = datetime(2025, 6, 10, 9, 59, 40, tzinfo=UTC), datetime(2025, 1, 12, 15, 59, 40, tzinfo=UTC)  # a Sunday
METER = Meter("sim")
BEHIND_TRANSFORMERS = Meter("sim", scale=Scale(ratio=Decimal(100)))

POWERS = ("1.7.0", "2.7.0", "3.7.0", "4.7.0")
OF_PHASES = tuple(f"{added + c}.7.0" for added in (20, 40, 60) for c in (1, 2, 3, 4))
CURRENTS, VOLTAGES = ("31.7.0", "51.7.0", "71.7.0"), ("32.7.0", "52.7.0", "72.7.0")
ENERGIES = ("1.8.0", "2.8.0", "3.8.0", "4.8.0")
ALL_27 = (*ENERGIES, *POWERS, *OF_PHASES, *VOLTAGES, *CURRENTS)
TEN_VALUES = (*POWERS, *CURRENTS, *VOLTAGES)
DUTCH = (
    *("1.8.1", "1.8.2", "2.8.1", "2.8.2", "1.7.0", "2.7.0"),
    *VOLTAGES,
    *CURRENTS,
    *(f"{c}.7.0" for c in (21, 41, 61, 22, 42, 62)),
)
AUSTRIAN = ("1.8.0", "2.8.0", "1.7.0", "2.7.0", *VOLTAGES, *CURRENTS, "13.7.0")

# dialect -> octets of a message: the codes in it. The numbers of octets are real meters' (docs/protocol.md A, D, E).
LISTS: dict[str, dict[int, tuple[str, ...]]] = {
    "p1-sagemcom": {712: ALL_27},
    "p1-kamstrup": {700: ALL_27},
    "p1-landisgyr": {704: ALL_27},
    "p1-kaifa": {711: ALL_27},
    "p1-aidon": {705: ALL_27},
    "p1-aidon-ct": {720: ALL_27},
    "aidon-se": {581: ALL_27},
    "aidon-no": {44: ("1.7.0",), 288: TEN_VALUES, 396: (*TEN_VALUES, *ENERGIES)},
    "kaifa-se": {287: (*TEN_VALUES, *ENERGIES)},
    "kaifa-se-positional": {157: (*TEN_VALUES, *ENERGIES)},
    "kaifa-no": {41: ("1.7.0",), 123: TEN_VALUES, 157: (*TEN_VALUES, *ENERGIES)},
    "kamstrup": {228: TEN_VALUES, 302: (*TEN_VALUES, *ENERGIES)},
    "kamstrup-dk": {258: TEN_VALUES},
    "austria": {282: AUSTRIAN},
    "dsmr5": {882: DUTCH},
    "luxembourg": {912: DUTCH},
}
FINEST = {"31": -1, "32": -1, "8": 0}  # power of ten of the last digit of currents, voltages, energies
COARSER = {
    "p1-aidon-ct": {"31": 1},
    "aidon-no": {"8": 1},
    "kaifa-se": {"31": -3},
    "kaifa-se-positional": {"31": -3},
    "kaifa-no": {"31": -3},
    "kamstrup": {"31": -2, "32": 0, "8": 1},
    "kamstrup-dk": {"31": -2, "32": 0},
    "austria": {"31": -2},
    "dsmr5": {"31": 0},
    "luxembourg": {"31": 0},
}


def heard(dialect: str, start: datetime, number: int) -> list[tuple[datetime, bytes, Reading]]:
    """The first messages of a dialect, through framing and decoding."""
    found = []
    key = DIALECTS[dialect].key
    for time, octets in islice(simulate_telegrams(SEED, start, dialect), number):
        (frame,) = find_all(octets, time)
        assert isinstance(frame, Frame) and octets.startswith(frame.data), frame
        assert frame.verified == (dialect != "luxembourg")  # which has no frame, but a tag that must verify
        reading = decode(frame, BEHIND_TRANSFORMERS if dialect == "p1-aidon-ct" else METER, [key] if key else [])
        assert reading.unread == ()
        found.append((time, octets, reading))
    return found


def states_of(dialect: str, start: datetime) -> House:
    shortest = min(push.every for push in DIALECTS[dialect].pushes)
    return House(SEED, start, shortest)


def rounded(dialect: str, code: str, value: Decimal, state: HouseState) -> Decimal:
    """As finely as the dialect tells it: energies cut off, the rest rounded, Aidon's currents with a sign."""
    digits = FINEST | COARSER.get(dialect, {})
    if ".8." in code:
        return value.quantize(Decimal(1).scaleb(digits["8"]), ROUND_FLOOR)
    if code in CURRENTS:
        phase = state.phases[CURRENTS.index(code)]
        sign = -1 if dialect in ("aidon-se", "aidon-no") and phase.active < 0 else 1
        return sign * value.quantize(Decimal(1).scaleb(digits["31"]), ROUND_HALF_EVEN)
    return value.quantize(Decimal(1).scaleb(digits["32"]), ROUND_HALF_EVEN) if code in VOLTAGES else value


def of_electricity(reading: Reading) -> dict[str, Decimal]:
    """C.D.E -> value of the numbers that the house knows."""
    rows = [row for row in reading.registers if row.obis.a == 1 and row.obis.d in (7, 8) and row.obis.c]
    assert len({row.obis for row in rows}) == len(rows)
    return {f"{row.obis.c}.{row.obis.d}.{row.obis.e}": row.value for row in rows if isinstance(row.value, Decimal)}


def test_every_dialect_is_listened_to() -> None:
    assert set(LISTS) == set(DIALECTS)


@pytest.mark.parametrize("start", [SUMMER, WINTER], ids=["summer", "winter"])
@pytest.mark.parametrize("dialect", LISTS)
def test_what_is_decoded_is_what_the_house_knows(dialect: str, start: datetime) -> None:
    house, sizes = states_of(dialect, start), set()
    for time, octets, reading in heard(dialect, start, 20):
        sizes.add(len(octets))
        state = house.compute_state(time)
        if dialect == "aidon-no" and len(octets) == 396:  # all values are those of the full hour
            state = state._replace(phases=state.hour_phases)
        if "no" in dialect or dialect == "kamstrup":
            state = state._replace(counters=state.hour_counters)
        known = {
            code: Decimal(number).scaleb(SCALERS.get(code, 0)) for code, number in compute_quantities(state).items()
        }
        want = {code: rounded(dialect, code, known[code], state) for code in LISTS[dialect][len(octets)]}
        assert of_electricity(reading) == want
    assert sizes == set(LISTS[dialect])


@pytest.mark.parametrize("start", [SUMMER, WINTER], ids=["summer", "winter"])
@pytest.mark.parametrize("dialect", LISTS)
def test_auto_finds_the_true_time_of_every_dialect_in_every_season(dialect: str, start: datetime) -> None:
    for time, octets, reading in heard(dialect, start, 12):
        found = resolve_timestamp(reading, METER, time + timedelta(milliseconds=300))
        if dialect == "aidon-no" and len(octets) != 396:
            assert found.replaced == "none"
        elif dialect == "aidon-no":
            assert found.time == time - timedelta(seconds=10)
        else:
            assert (found.time, found.replaced) == (time, "")


@pytest.mark.parametrize("dialect", LISTS)
def test_the_units_are_base_units(dialect: str) -> None:
    units = {"1": "W", "2": "W", "3": "var", "4": "var", "11": "A", "12": "V", "13": ""}
    for _, _, reading in heard(dialect, SUMMER, 20):
        for row in reading.registers:
            if row.obis.a == 1 and row.obis.d in (7, 8):
                assert row.unit == units[str(row.obis.c % 20)] + ("h" if row.obis.d == 8 else "")


@pytest.mark.parametrize("dialect", ["aidon-no", "kaifa-no", "kamstrup"])
def test_the_energies_of_an_hourly_list_land_on_the_full_hour(dialect: str) -> None:
    hour = datetime(2025, 6, 10, 10, tzinfo=UTC)
    energies = [
        point
        for time, _, reading in heard(dialect, SUMMER, 20)
        for point in points(reading, METER, time)
        if point.measurement.endswith("_energy")
    ]
    assert len(energies) == 4
    assert {point.time for point in energies} == {hour}


@pytest.mark.parametrize("dialect", ["dsmr5", "luxembourg"])
def test_gas_has_the_time_of_the_last_five_minutes(dialect: str) -> None:
    house = states_of(dialect, SUMMER)
    for time, _, reading in heard(dialect, SUMMER, 40):
        (gas,) = [row for row in reading.registers if row.obis[2:5] == (24, 2, 1)]
        assert (gas.value, gas.unit) == (Decimal(house.compute_state(time).gas).scaleb(-3), "m3")
        asked = convert_register_clock(gas, reading, METER)
        assert asked == time.replace(minute=time.minute // 5 * 5, second=0)
        assert not untimed(reading, METER, time)


@pytest.mark.parametrize("dialect", ["kamstrup-dk", "austria", "luxembourg"])
def test_an_enciphered_message_needs_its_key(dialect: str) -> None:
    ((time, octets),) = islice(simulate_telegrams(SEED, SUMMER, dialect), 1)
    (frame,) = find_all(octets, time)
    assert isinstance(frame, Frame)
    with pytest.raises(KeyNeeded):
        decode(frame, METER)


@pytest.mark.parametrize("dialect", ["kaifa-no", "dsmr5", "p1-kamstrup", "kamstrup"])
@pytest.mark.parametrize("change", find_dst_changes(2025), ids=["spring", "autumn"])
def test_the_nights_of_the_change_are_told_and_understood(dialect: str, change: datetime) -> None:
    for minutes in range(-120, 121, 15):
        for time, _, reading in heard(dialect, change + timedelta(minutes=minutes), 1):
            assert resolve_timestamp(reading, METER, time).time == time


@pytest.mark.parametrize("dialect", ["p1-sagemcom", "kaifa-no", "austria"])
def test_the_same_arguments_give_the_same_octets(dialect: str) -> None:
    first, second = (list(islice(simulate_telegrams(5, WINTER, dialect), 30)) for _ in range(2))
    assert first == second
    assert first != list(islice(simulate_telegrams(6, WINTER, dialect), 30))


def test_each_push_keeps_its_interval_and_the_rarer_takes_the_place_of_the_others() -> None:
    begin = datetime(2025, 6, 10, 10, tzinfo=UTC)
    sizes = {
        (time - begin).total_seconds(): len(octets)
        for time, octets in islice(simulate_telegrams(SEED, begin, "aidon-no"), 13)
    }
    assert sizes == {2.5 * n: 396 if n == 4 else 288 if n % 4 == 0 else 44 for n in range(13)}


def test_another_interval_can_be_asked_for() -> None:
    times = [time for time, _ in islice(simulate_telegrams(SEED, SUMMER, every=timedelta(seconds=3)), 4)]
    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(seconds=3)}
    assert SUMMER <= times[0] < SUMMER + timedelta(seconds=3)
