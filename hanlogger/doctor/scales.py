"""Check of the scales: whether energy, power, voltage and current of a meter fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from hanlogger.decoding import decode
from hanlogger.doctor.context import PortContext
from hanlogger.doctor.finding import Finding, note, note_warning, note_well
from hanlogger.doctor.history import get_last_frames
from hanlogger.errors import DecodeError
from hanlogger.journal import make_frame
from hanlogger.model import Frame, Obis, Register
from hanlogger.plausibility import Doubt, ScaleWatch, Setting

MOST_RECORDS = 8000  # two hours of a meter that sends each second, most of a day of others


def check_scale(context: PortContext) -> Iterator[Finding]:
    """Yield whether the values fit together, in the frames of the journal and in those that were heard just now."""
    watch, frames = ScaleWatch(), _select_frames(context)
    for frame in frames:
        try:
            watch.feed(decode(frame, context.port.meter, context.port.keys), frame.received_at)
        except DecodeError:
            continue
    for doubt in watch.doubts:
        yield _report_doubted(context, doubt, frames)
    if frames and not watch.doubts:
        yield (note_well if watch.compared else note)("scale" if watch.compared else "scale-unknown", context.name)


def _select_frames(context: PortContext) -> list[Frame]:
    with context.host.open_journal() as journal:
        records = get_last_frames(journal, context.name, MOST_RECORDS) if journal else []
    recorded = [make_frame(record) for record in records if record.live]
    newest = recorded[-1].received_at if recorded else None
    return [*recorded, *(frame for frame in context.frames if newest is None or frame.received_at > newest)]


def _report_doubted(context: PortContext, doubt: Doubt, frames: list[Frame]) -> Finding:
    name = doubt.setting.removeprefix("scale.")
    step = next((found for frame in reversed(frames) if (found := _step(context, doubt.setting, frame))), None)
    too_large = doubt.factor < 1
    times = 1 / doubt.factor if too_large else doubt.factor
    facts = {"times": f"{times.normalize():f}", "seen": doubt.seen, "setting": doubt.setting}
    if step is None:
        return note_warning(f"scale-{name}-stated", context.name, **facts)
    right = (step * doubt.factor).normalize()
    return note_warning(f"scale-{name}-{'large' if too_large else 'small'}", context.name, **facts, right=f"{right:f}")


def _step(context: PortContext, setting: Setting, frame: Frame) -> Decimal | None:
    """Return how much one step of the raw value counts with the present settings.

    None if the message states its scale itself or has no such value. A scale that the message states does not follow
    the setting, so the value is decoded with two different settings and compared.
    """
    now, one, two = (_select_rows(context, setting, frame, factor) for factor in (None, Decimal(1), Decimal(2)))
    for obis, value in one.items():
        if value and two.get(obis) == 2 * value and obis in now:
            return now[obis] / value
    return None


_QUANTITIES: dict[Setting, tuple[str, str]] = {
    "scale.energy": ("energy", "Wh"),
    "scale.current": ("current", "A"),
    "scale.voltage": ("voltage", "V"),
}


def _select_rows(context: PortContext, setting: Setting, frame: Frame, factor: Decimal | None) -> dict[Obis, Decimal]:
    """Return the values of a quantity by OBIS code, decoded with another scale; None for the scale that is set."""
    field, unit = _QUANTITIES[setting]
    meter = context.port.meter
    if factor is not None:
        meter = replace(meter, scale=replace(meter.scale, **{field: factor}))
    try:
        registers: tuple[Register, ...] = decode(frame, meter, context.port.keys).registers
    except DecodeError:
        return {}
    return {row.obis: row.value for row in registers if row.unit == unit and isinstance(row.value, Decimal)}
