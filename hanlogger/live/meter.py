"""The panel of one meter: power, a row for each phase, counters, and how its telegrams come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from rich.console import Group
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hanlogger.framing import REASONS
from hanlogger.humanize import count_telegrams, describe_clock_offset, describe_scale, format_span, group_digits
from hanlogger.status.cost_words import describe_costs
from hanlogger.status.costs import CostState
from hanlogger.status.state import MeterState
from hanlogger.status.values import NOMINAL, SAG, SWELL, Values, collect_values, compute_net_power

HEIGHT = 8  # lines of a panel without costs
PHASES = {"L1": "rgb(175,105,45)", "L2": "grey62", "L3": "dodger_blue1"}
IMPORT, EXPORT = "dark_orange", "green3"
NARROW, BAR, GAUGE = 80, 16, 11  # characters: a row is 75 of the 76 that a panel of 80 has, of wider ones the bars are


def show_panel(meter: MeterState, now: datetime, width: int = NARROW) -> Panel:
    """Return the panel of a meter: `find_height` lines of `width` characters."""
    values = collect_values(meter)
    name = Text.assemble((meter.name, "bold"), f"  {meter.label}" if meter.label else "", no_wrap=True)
    if meter.demo:
        name.append("  ").append(" DEMO: a simulated house ", "black on yellow")
    else:
        name.append(f"  {meter.port}", "dim")
    rows = Group(
        _show_powers(values),
        _show_phases(values, meter.fuse, _fit_bars(width)),
        _show_energies(values),
        *(_show_costs(meter.costs) if meter.costs else ()),
        _show_telegrams(meter),
    )
    age = _show_age(meter, now)
    height = find_height(meter)
    return Panel(rows, title=name, title_align="left", subtitle=age, subtitle_align="right", height=height)


def find_height(meter: MeterState) -> int:
    """Return how many lines the panel of a meter has."""
    return HEIGHT + (len(list(describe_costs(meter.costs))) if meter.costs else 0)


def show_row(meter: MeterState, now: datetime) -> tuple[Text, ...]:
    """Return the cells of a meter's row, where there is no room for a panel: name, power, age, damaged telegrams."""
    values = collect_values(meter)
    name = Text(meter.name, "black on yellow" if meter.demo else "bold")
    power = Text(meter.words, "yellow") if meter.words else _show_powers(values)
    damaged = Text(f"{meter.damaged} damaged", "yellow") if meter.damaged else Text("")
    return name, power, _show_age(meter, now), damaged


def _show_powers(values: Values) -> Text:
    """Return the line of powers: `import 12 460 W   export 0 W   net 12 460 W`."""
    text = Text()
    for direction, style in (("import", IMPORT), ("export", EXPORT), ("net", "bold")):
        value = values.get(("active_power", "total", direction))
        if value is not None:
            text.append(f"{direction} ", "dim").append(f"{group_digits(value)} W    ", style)
    return text or Text("no power yet", "dim")


def _fit_bars(width: int) -> int:
    return BAR + max(0, width - NARROW) // 2


def _show_phases(values: Values, fuse: float | None, width: int) -> Table:
    """Return three rows such as `L1  4 186 W  ====----  227.7 V  ---o---  18.4 A  ====----`."""
    table = Table.grid(padding=(0, 1))
    for phase, style in PHASES.items():
        power = compute_net_power(values, phase)
        volts, amperes = values.get(("voltage", phase, "")), values.get(("current", phase, ""))
        table.add_row(
            Text(phase, style),
            *_draw_bar(power, "W", 0, (fuse or 20) * NOMINAL, style, width),
            *_draw_gauge(volts),
            *_draw_bar(amperes, "A", 1, fuse or 20, _choose_load_style(amperes, fuse), width),
        )
    return table


def _draw_bar(
    value: Decimal | None, unit: str, places: int, full: float, style: str, width: int
) -> tuple[Text, ProgressBar | Text]:
    if value is None:
        return Text(f"- {unit}".rjust(8), "dim"), Text(" " * width)
    part = min(abs(float(value)), full)
    bar = ProgressBar(full, part, width, complete_style=EXPORT if value < 0 else style, finished_style=style)
    return Text(f"{group_digits(value, places)} {unit}".rjust(8)), bar


def _draw_gauge(volts: Decimal | None) -> tuple[Text, Text]:
    """Return a voltage and its place on a scale from 10 % below to 10 % above its nominal value."""
    if volts is None:
        return Text("- V".rjust(8), "dim"), Text(" " * GAUGE)
    inside = SAG <= volts <= SWELL
    position = round((min(max(float(volts), SAG), SWELL) - SAG) / (SWELL - SAG) * (GAUGE - 1))
    scale = Text("-" * position, "dim").append("o", "bold" if inside else "bold red")
    scale.append("-" * (GAUGE - 1 - position), "dim")
    return Text(f"{volts:.1f} V".rjust(8), "" if inside else "red"), scale


def _choose_load_style(amperes: Decimal | None, fuse: float | None) -> str:
    part = abs(float(amperes or 0)) / (fuse or 20)
    return "red" if part >= 0.9 else "yellow" if part >= 0.7 else "green"


def _show_energies(values: Values) -> Text:
    text = Text()
    for direction, style in (("import", IMPORT), ("export", EXPORT)):
        value = values.get(("active_energy", "total", direction))
        if value is not None:
            text.append(f"{direction}ed ", "dim").append(f"{group_digits(value.scaleb(-3), 3)} kWh    ", style)
    return text or Text("no counters yet (some meters send them once an hour)", "dim")


def _show_costs(costs: CostState) -> Iterator[Text]:
    """Yield what the month costs so far, and of each fee for power what the running hour may be."""
    raises = any(fee.running and fee.running.extra for fee in costs.fees)
    style = "yellow" if costs.words or raises else ""
    yield from (Text(words, style, no_wrap=True, overflow="ellipsis") for words in describe_costs(costs))


def _show_telegrams(meter: MeterState) -> Text:
    """Return `1 234 telegrams, 2 damaged (checksum 2)   clock 1 s behind`, or what is wrong."""
    if meter.words:
        return Text(meter.words, "yellow", no_wrap=True, overflow="ellipsis")
    text = Text(count_telegrams(meter.counts.get("frames", 0)), no_wrap=True, overflow="ellipsis")
    kinds = ", ".join(f"{name} {number}" for name, number in meter.counts.items() if name in REASONS)
    text.append(f", {group_digits(meter.damaged)} damaged ({kinds})", "yellow") if kinds else text.append(
        ", none damaged", "dim"
    )
    for doubt in meter.doubted_scales:
        text.append(f"    {describe_scale(*doubt)}?", "yellow")
    if meter.clock_offset is not None:
        text.append("    " + describe_clock_offset(timedelta(seconds=meter.clock_offset)), "dim")
    return text


def _show_age(meter: MeterState, now: datetime) -> Text:
    every = f", every {meter.interval:.0f} s" if meter.interval else ""
    if meter.last is None:
        return Text("no telegram yet", "yellow")
    age = (now - meter.last).total_seconds()
    style = "green" if meter.state == "open" else "yellow"
    return Text(f"{format_span(max(age, 0))} ago{every}", style)
