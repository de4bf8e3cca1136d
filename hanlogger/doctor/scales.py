"""What the meter says of energy, power, voltage and current: does it fit together?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from hanlogger.decoding import decode
from hanlogger.doctor.case import Case
from hanlogger.doctor.finding import Finding, note, warning, well
from hanlogger.doctor.past import last
from hanlogger.errors import DecodeError
from hanlogger.journal import frame_of
from hanlogger.model import Frame, Obis, Register
from hanlogger.plausibility import Doubt, ScaleWatch, Setting

LOOKED_AT = 8000  # records: two hours of a meter that sends each second, most of a day of others


def check_scale(case: Case) -> Iterator[Finding]:
    """By what has been recorded, and by what was heard now."""
    watch, frames = ScaleWatch(), _frames(case)
    for frame in frames:
        try:
            watch.feed(decode(frame, case.port.meter, case.port.keys), frame.received_at)
        except DecodeError:
            continue
    for doubt in watch.doubts:
        yield _doubted(case, doubt, frames)
    if frames and not watch.doubts:
        yield (well if watch.compared else note)("scale" if watch.compared else "scale-unknown", case.name)


def _frames(case: Case) -> list[Frame]:
    with case.host.journal() as journal:
        records = last(journal, case.name, LOOKED_AT) if journal else []
    recorded = [frame_of(record) for record in records if record.live]
    newest = recorded[-1].received_at if recorded else None
    return [*recorded, *(frame for frame in case.frames if newest is None or frame.received_at > newest)]


def _doubted(case: Case, doubt: Doubt, frames: list[Frame]) -> Finding:
    name = doubt.setting.removeprefix("scale.")
    step = next((found for frame in reversed(frames) if (found := _step(case, doubt.setting, frame))), None)
    too_large = doubt.factor < 1
    times = 1 / doubt.factor if too_large else doubt.factor
    facts = {"times": f"{times.normalize():f}", "seen": doubt.seen, "setting": doubt.setting}
    if step is None:
        return warning(f"scale-{name}-stated", case.name, **facts)
    right = (step * doubt.factor).normalize()
    return warning(f"scale-{name}-{'large' if too_large else 'small'}", case.name, **facts, right=f"{right:f}")


def _step(case: Case, setting: Setting, frame: Frame) -> Decimal | None:
    """What one step of the raw value is taken for now; None where the message states it or has no such value."""
    now, one, two = (_rows(case, setting, frame, factor) for factor in (None, Decimal(1), Decimal(2)))
    for obis, value in one.items():
        if value and two.get(obis) == 2 * value and obis in now:
            return now[obis] / value
    return None


_QUANTITIES: dict[Setting, tuple[str, str]] = {
    "scale.energy": ("energy", "Wh"),
    "scale.current": ("current", "A"),
    "scale.voltage": ("voltage", "V"),
}


def _rows(case: Case, setting: Setting, frame: Frame, factor: Decimal | None) -> dict[Obis, Decimal]:
    """The values of a quantity, as they are with another scale."""
    field, unit = _QUANTITIES[setting]
    meter = case.port.meter
    if factor is not None:
        meter = replace(meter, scale=replace(meter.scale, **{field: factor}))
    try:
        registers: tuple[Register, ...] = decode(frame, meter, case.port.keys).registers
    except DecodeError:
        return {}
    return {row.obis: row.value for row in registers if row.unit == unit and isinstance(row.value, Decimal)}
