"""The whole view: a panel or a row for each meter, below them the backlogs and the last log lines."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from rich.console import Console, ConsoleDimensions, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hanlogger.humanize import count_telegrams, describe_waiting, format_count, format_octets, format_span
from hanlogger.live.curve import FEWEST, MOST
from hanlogger.live.meter import find_height, show_panel, show_row
from hanlogger.live.past import Past
from hanlogger.status.state import BrokerState, DestinationState, State

LOG = 4  # log lines that a curve leaves room for
LABELS = 12  # characters of the labels below the meters

_RULER = Console(file=io.StringIO(), color_system=None)
_STYLES = {logging.WARNING: "yellow", logging.ERROR: "red", logging.CRITICAL: "bold red"}


class Message(NamedTuple):
    """A line of the log that the view shows."""

    at: float  # seconds since 1970
    level: int
    text: str


def show_view(
    state: State, messages: Sequence[Message], size: ConsoleDimensions, past: Past | None = None
) -> RenderableType:
    """Return the view of a state and of log lines, no higher than `size`; with the past where there is room for it."""
    shown = past.find_name([meter.name for meter in state.meters]) if past else ""
    foot = _show_foot(state, past.describe_today(shown, state.at) if past and shown else "")
    height = size.height - 1 - _count_lines(foot, size.width)
    meters = _show_meters(state, height, size.width)
    room = height - _count_lines(meters, size.width)
    tall = min(MOST, room - min(LOG, len(messages)))
    heard = any(meter.registers for meter in state.meters if meter.name == shown)  # an empty curve says nothing
    curve = past.draw(shown, size.width, tall, state.at) if past and heard and tall > FEWEST else []
    return Group(_show_head(state), meters, foot, *curve, *_show_log(messages, room - tall if curve else room))


def _show_meters(state: State, height: int, width: int) -> RenderableType:
    """Return a panel for each meter, or a row for each where there is no room for panels."""
    if sum(map(find_height, state.meters)) <= height:
        return Group(*(show_panel(meter, state.at, width) for meter in state.meters))
    table = Table.grid(padding=(0, 2, 0, 0))
    for meter in state.meters:
        table.add_row(*show_row(meter, state.at))
    rows = Panel(table, title="meters", title_align="left", border_style="dim")
    rows.height = max(3, min(_count_lines(rows, width), height - 1))
    return rows


def _show_head(state: State) -> Table:
    since = format_span((state.at - state.started).total_seconds())
    table = Table.grid(expand=True)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    left = Text.assemble(
        (" hanlogger", "bold"),
        f" {state.version} on {state.logger}, running for {since}",
        no_wrap=True,
        overflow="ellipsis",
    )
    table.add_row(left, Text(f"{state.at.astimezone():%H:%M:%S}, Ctrl-C ends it ", "dim"))
    return table


def _show_foot(state: State, today: str) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", width=LABELS - 2)
    if today:
        table.add_row(" today", Text(today, no_wrap=True, overflow="ellipsis"))
    held = f", {count_telegrams(state.journal.held)} held in memory" if state.journal.held else ""
    undecoded = f", {state.journal.undecoded} undecoded" if state.journal.undecoded else ""
    table.add_row(
        " journal",
        Text(
            f"{format_octets(state.journal.size)}{held}{undecoded}  {state.journal.path}",
            no_wrap=True,
            overflow="ellipsis",
        ),
    )
    for broker in state.brokers:
        table.add_row(f" {broker.name}", _describe_broker(broker))
    for to in state.destinations:
        table.add_row(f" {to.name}", _describe_destination(to, state.at))
    if state.page:
        table.add_row(" page", Text(state.page))
    if not state.destinations:
        table.add_row(" database", Text("none is set: everything is kept, and can be delivered later", "dim"))
    return table


def _describe_broker(broker: BrokerState) -> Text:
    if broker.state != "open":
        return Text(broker.words, "bold red")
    text = Text(f"{format_count(broker.meters, 'meter')} by {broker.port}", no_wrap=True, overflow="ellipsis")
    if broker.strangers:
        text.append(f", {len(broker.strangers)} not taken", "yellow")
    lost = broker.counts.get("sessions lost", 0)
    return text.append(f", its session was lost {format_count(lost, 'time')}", "red") if lost else text


def _count_lines(part: RenderableType, width: int) -> int:
    """Return how many lines a part of the view takes, its sentences wrapped at words: none of them is cut."""
    return len(_RULER.render_lines(part, _RULER.options.update(width=width), pad=False))


def _describe_destination(to: DestinationState, now: datetime) -> Text:
    on_its_way = to.waiting == 1 and (to.answer is None or to.answer.ok)
    text = Text("nothing waits") if not to.waiting or on_its_way else Text(describe_waiting(to.waiting), "yellow")
    if to.refused:
        text.append(f", {to.refused} refused", "red")
    if to.answer is None:
        return text.append(", no answer yet", "dim")
    text.append(": ")
    text.append(to.answer.words, "green" if to.answer.ok else "bold red")
    return text.append(f" ({format_span((now - to.answer.at).total_seconds())} ago)", "dim")


def _show_log(messages: Sequence[Message], height: int) -> Iterable[RenderableType]:
    """Yield the last log lines, as many as there is room for."""
    for message in islice(messages, max(0, len(messages) - max(0, height)), None):
        at = f" {datetime.fromtimestamp(message.at):%H:%M:%S} "  # noqa: DTZ006 for the eye
        yield Text.assemble(
            (at, "dim"), (message.text, _STYLES.get(message.level, "dim")), no_wrap=True, overflow="ellipsis"
        )
