"""What the page *Now* shows: power with its direction, phases against the fuse, voltage, counters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from hanlogger.archive.recent import SoFar
from hanlogger.model import PHASES
from hanlogger.status.state import MeterState, State
from hanlogger.status.values import NOMINAL, SAG, SWELL, Values, collect_values, compute_net_power
from hanlogger.web.language import PageSpeech

FRESH = timedelta(minutes=2)
INTERVALS = 3  # of the meter's own that a telegram may be old and still be of now
WARM = 0.7  # share of the fuse from which on a phase is said to be high


class PowerNow(NamedTuple):
    """The present power in words, or why there is none."""

    amount: str  # "" where it is not known
    direction: str  # import export none unknown
    words: str


class PhaseNow(NamedTuple):
    """One phase against the fuse, and its voltage on a scale from 10 % below to 10 % above the nominal value."""

    name: str
    power: str
    current: str
    voltage: str
    load: float | None  # per cent of the fuse, at most 100
    load_words: str
    level: str  # "" warm over
    volts_at: float | None  # per cent of the scale
    volts_words: str


class SoFarView(NamedTuple):
    """The energy since the beginning of this hour, or of today."""

    title: str
    imported: str
    exported: str  # "" for none
    note: str  # since when it is known, where that is not the beginning


class MeterNow(NamedTuple):
    """All about a meter that changes with each telegram."""

    name: str
    label: str
    demo: bool
    power: PowerNow
    parts: tuple[tuple[str, str], ...]  # import, export beside the net
    phases: tuple[PhaseNow, ...]
    counters: tuple[tuple[str, str], ...]
    age: str
    fresh: bool
    words: str  # what is wrong


def is_fresh(meter: MeterState, now: datetime) -> bool:
    """Return whether the newest telegram of a meter is recent: two minutes old at most, or three of its intervals."""
    limit = max(FRESH, timedelta(seconds=INTERVALS * (meter.interval or 0)))
    return meter.last is not None and now - meter.last < limit


def is_live(meter: MeterState, now: datetime) -> bool:
    """Return whether the newest telegram of a meter is so new that programs may take its values for those of now."""
    return meter.last is not None and now - meter.last < FRESH


def view_meter(meter: MeterState, now: datetime, say: PageSpeech) -> MeterNow:
    """Return what is shown of a meter's state."""
    values, fresh = collect_values(meter), is_fresh(meter, now)
    return MeterNow(
        meter.name,
        meter.label,
        meter.demo,
        _view_power(meter, values, fresh, say),
        tuple(_list_parts(values, say)),
        tuple(_list_phases(values, meter.fuse, say)),
        tuple(_list_counters(values, say)),
        _describe_age(meter, now, say),
        fresh,
        meter.words,
    )


def view_meters(state: State, say: PageSpeech) -> list[MeterNow]:
    """Return what is shown of each meter where there are several."""
    return [view_meter(meter, state.at, say) for meter in state.meters]


def _view_power(meter: MeterState, values: Values, fresh: bool, say: PageSpeech) -> PowerNow:
    net = compute_net_power(values)
    if meter.last is None:
        return PowerNow("", "unknown", say("now.no_telegram"))
    if net is None:
        return PowerNow("", "unknown", say("now.undecoded" if not values and meter.words else "now.no_power"))
    direction = "import" if net > 0 else "export" if net < 0 else "none"
    if not fresh:
        direction = "unknown"
    words = say(f"now.direction_{direction}") if fresh else say("now.was")
    return PowerNow(say.amount(abs(net), "W"), direction, words)


def _list_parts(values: Values, say: PageSpeech) -> Iterator[tuple[str, str]]:
    """Yield import and export where a meter states both, of which the net power is the difference."""
    both = [values.get(("active_power", "total", way)) for way in ("import", "export")]
    if all(both):
        yield from zip(
            (say("energy.import"), say("energy.export")), (say.amount(one, "W") for one in both), strict=True
        )


def _list_phases(values: Values, fuse: float | None, say: PageSpeech) -> Iterator[PhaseNow]:
    for name in PHASES:
        power, volts = compute_net_power(values, name), values.get(("voltage", name, ""))
        amperes = values.get(("current", name, ""))
        if power is None and volts is None and amperes is None:
            continue
        load = _compute_load(power, amperes, fuse)
        words = "" if load is None else say("now.load", percent=say.number(100 * load), fuse=say.amount(fuse or 0, "A"))
        inside = volts is None or SAG <= volts <= SWELL
        yield PhaseNow(
            name,
            say.amount(power, "W"),
            say.amount(amperes, "A", 1),
            say.amount(volts, "V", 1),
            None if load is None else min(100.0, 100 * load),
            words,
            "" if load is None or load < WARM else "warm" if load <= 1 else "over",
            None if volts is None else _place_volts(volts),
            "" if inside else say("now.volts_low" if volts is not None and volts < SAG else "now.volts_high"),
        )


def _compute_load(power: Decimal | None, amperes: Decimal | None, fuse: float | None) -> float | None:
    """Return the load of a phase as a part of the fuse, by its current, else by its power at the nominal voltage."""
    if not fuse or (power is None and amperes is None):
        return None
    return abs(float(amperes if amperes is not None else (power or 0) / NOMINAL)) / fuse


def _place_volts(volts: Decimal) -> float:
    return 100 * (min(max(float(volts), SAG), SWELL) - SAG) / (SWELL - SAG)


def _list_counters(values: Values, say: PageSpeech) -> Iterator[tuple[str, str]]:
    for way in ("import", "export"):
        value = values.get(("active_energy", "total", way))
        if value is not None:
            yield say(f"now.counter_{way}"), say.energy(value, 3)


def _describe_age(meter: MeterState, now: datetime, say: PageSpeech) -> str:
    if meter.last is None:
        return say("now.waits")
    age = say("now.ago", span=say.span(max(0.0, (now - meter.last).total_seconds())))
    return age if not meter.interval else f"{age}, {say('now.every', seconds=say.number(meter.interval))}"


def view_so_far(title: str, energy: SoFar, say: PageSpeech) -> SoFarView:
    """Return the view of an energy up to now, marked where it is a lower bound, and since when it is known."""

    def tell(amount: Decimal) -> str:
        return say.energy(amount) if energy.whole else say("now.at_least", amount=say.energy(amount))

    if energy.imported is None:
        exported = tell(energy.exported) if energy.exported else ""
        return SoFarView(title, say.energy(None), exported, say("now.not_known_yet"))
    since = say("now.known_since", at=say.clock(energy.since)) if energy.since and not energy.whole else ""
    return SoFarView(title, tell(energy.imported), tell(energy.exported) if energy.exported else "", since)
