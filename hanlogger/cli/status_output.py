"""The state of a running logger in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from hanlogger.framing import REASONS
from hanlogger.humanize import (
    clean_text,
    count_telegrams,
    describe_clock_offset,
    describe_scale,
    describe_waiting,
    format_count,
    format_octets,
    format_span,
    group_digits,
)
from hanlogger.status import state, state_file
from hanlogger.status.cost_words import describe_costs
from hanlogger.status.lookup import LoggerStatus
from hanlogger.status.values import collect_values, compute_net_power


def list_lines(found: state.State, now: datetime, today: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that `hanlogger status` prints of a running logger. today: the energy of each meter, in words."""
    since = format_span((now - found.started).total_seconds())
    yield f"hanlogger {found.version} on {found.logger}, running for {since}"
    for meter in found.meters:
        yield from _describe_meter(meter, now, today.get(meter.name, ""))
    for broker in found.brokers:
        yield from _describe_broker(broker)
    held = f", {count_telegrams(found.journal.held)} held in memory" if found.journal.held else ""
    yield f"journal: {found.journal.path}, {format_octets(found.journal.size)}{held}"
    if found.journal.words:
        yield f"  {found.journal.words}"
    if found.journal.undecoded:
        yield f"  {count_telegrams(found.journal.undecoded)} cannot be decoded, or not wholly: hanlogger refused"
    for to in found.destinations:
        yield from _describe_destination(to, now)
    yield from _list_outputs(found)
    if not found.destinations:
        yield "database: none is set; everything is kept in the journal"


def _list_outputs(found: state.State) -> Iterator[str]:
    if found.page:
        yield f"page: {found.page}"
    for relay in found.relays:
        yield f"relay of {relay.meter}: {_describe_relay(relay)}"
    if found.home_assistant:
        yield f"home assistant: {_describe_home_assistant(found.home_assistant)}"
    if found.prices:
        yield f"prices: {_describe_prices(found.prices)}"


def _describe_meter(meter: state.MeterState, now: datetime, today: str) -> Iterator[str]:
    yield f"{meter.name}: {_describe_port(meter, now)}"
    if use := _describe_use(meter, today):
        yield f"  {use}"
    yield f"  {_describe_counts(meter)}"
    yield from (f"  {words}" for words in (describe_costs(meter.costs) if meter.costs else ()))
    for doubt in meter.doubted_scales:
        yield f"  probably a wrong scale, {describe_scale(*doubt)}: hanlogger doctor tells what to set"


def _describe_port(meter: state.MeterState, now: datetime) -> str:
    demo = "DEMO, a simulated house: " if meter.demo else ""
    heard = f"last telegram {format_span((now - meter.last).total_seconds())} ago" if meter.last else "no telegram yet"
    every = f", every {meter.interval:.0f} s" if meter.interval else ""
    words = {"waiting": f"waiting: {meter.words}; ", "silent": f"SILENT: {meter.words}; "}.get(meter.state, "")
    return f"{demo}{words}{heard}{every} ({meter.port})"


def _describe_use(meter: state.MeterState, today: str) -> str:
    """Return `import 1 234 W; today 5.67 kWh imported, 0.00 kWh exported`, without what is not known."""
    net = compute_net_power(collect_values(meter))
    power = "" if net is None else f"{'export' if net < 0 else 'import'} {group_digits(abs(net))} W"
    return "; ".join(part for part in (power, f"today {today}" if today else "") if part)


_NAMES = {"undecoded": "not decoded, or not wholly"}
"""The names of counters that need more words than one."""


def _describe_counts(meter: state.MeterState) -> str:
    kinds = {name: number for name, number in meter.counts.items() if name in REASONS}
    others = {name: number for name, number in meter.counts.items() if name not in REASONS and name != "frames"}
    damaged = ", ".join(f"{number} {name}" for name, number in kinds.items()) or "none"
    parts = [count_telegrams(meter.counts.get("frames", 0)), f"damaged: {damaged}"]
    parts += [f"{_NAMES.get(name, name)}: {group_digits(number)}" for name, number in sorted(others.items()) if number]
    if meter.unshown:
        parts.append(f"too many registers to show: {group_digits(meter.unshown)} values since the start are not shown")
    if meter.clock_offset is not None:
        parts.append(describe_clock_offset(timedelta(seconds=meter.clock_offset)))
    if meter.words and meter.state == "open":
        parts.append(meter.words)
    return "; ".join(parts)


def _describe_broker(broker: state.BrokerState) -> Iterator[str]:
    shown = "open" if broker.state == "open" else f"waiting: {broker.words}"
    yield f"{broker.name}: {broker.port}, {shown}; {format_count(broker.meters, 'meter')}"
    counts = [f"{group_digits(number)} {name}" for name, number in sorted(broker.counts.items())]
    if broker.unacknowledged:
        counts.insert(0, f"{group_digits(broker.unacknowledged)} not acknowledged yet")
    if counts:
        yield f"  messages: {', '.join(counts)}"
    if broker.strangers:
        yield f"  not taken: {', '.join(f'{name} ({why})' for name, why in broker.strangers.items())}"


def _describe_destination(to: state.DestinationState, now: datetime) -> Iterator[str]:
    oldest = f", the oldest for {format_span((now - to.oldest).total_seconds())}" if to.oldest else ""
    of = f", of {', '.join(to.meters)} only" if to.meters else ""
    yield f"{to.name}: {to.url}{of}, {describe_waiting(to.waiting)}{oldest}"
    if to.answer:
        yield f"  {clean_text(to.answer.words)} ({format_span((now - to.answer.at).total_seconds())} ago)"
    if to.refused:
        yield f"  {group_digits(to.refused)} refused: hanlogger refused"


def _describe_relay(relay: state.RelayState) -> str:
    if relay.words:
        return relay.words
    lost = f", {relay.dropped} dropped because they did not take what was sent" if relay.dropped else ""
    lost += f", {relay.refused} refused because there were too many" if relay.refused else ""
    return f"{relay.address}, {format_count(relay.clients, 'client')}{lost}"


def _describe_home_assistant(told: state.HomeAssistantState) -> str:
    return f"{told.broker} {told.words}" if told.words else f"{told.broker}, {format_count(told.published, 'message')}"


def _describe_prices(prices: state.PriceState) -> str:
    known = f"known up to {prices.end.astimezone():%Y-%m-%d %H:%M}" if prices.end else "none known yet"
    return f"{prices.area} from {prices.source}, {known}{f'; {clean_text(prices.words)}' if prices.words else ''}"


def explain_no_state(journal: Path, found: LoggerStatus) -> str:
    """Return why nothing is known of a logger with this journal, and when it was last heard of."""
    at = f"{found.told.at.astimezone():%Y-%m-%d %H:%M:%S}" if found.told else ""
    if found.life == "gone":
        killed = f"; the last one hangs, or was killed, at {at}" if at else ""
        return f"no logger runs with the journal {journal}{killed}"
    if at:
        return f"the logger of the journal {journal} has said nothing since {at}: it hangs, or its disk takes nothing"
    in_use, link = f"the journal {journal} is in use", state_file.find_state_path(journal)
    if link.is_symlink():
        return f"{in_use}, and its state is in {link.readlink()}, which is not there or not for you: ask where it runs"
    return f"{in_use}, and nothing is said of it: it has just been opened, or its disk is full"
