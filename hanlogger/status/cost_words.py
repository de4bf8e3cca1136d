"""Describe the costs of the month so far and the running hour, for the live view and for `status`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from hanlogger.humanize import group_digits
from hanlogger.status.costs import CostState, FeeState, RunningState

SUMS = {
    "measured": "{sum} so far",
    "at least": "at least {sum} so far",
    "incomplete": "{sum} of what is known",
    "unknown": "{sum} and what has no price yet",
}


def describe_costs(costs: CostState) -> Iterator[str]:
    """Yield the month's sum, then a sentence for each fee for power; or why nothing is known."""
    if costs.known is None:
        yield f"costs are not known: {costs.words}"
        return
    yield f"{costs.month}: {SUMS[costs.quality].format(sum=f'{group_digits(costs.known, 2)} {costs.currency}')}"
    for fee in costs.fees:
        yield f"{fee.line}: {_describe_fee(fee, costs.currency)}"


def _describe_fee(fee: FeeState, currency: str) -> str:
    least = "at least " if fee.quality == "at least" else ""
    paid = f"{least}{_format_kw(fee.kw)}, {group_digits(fee.fee, 2)} {currency}"
    return f"{paid}; {describe_running(fee.running, currency)}" if fee.running else paid


def describe_running(running: RunningState, currency: str) -> str:
    """Return the forecast of the running hour, and the power that keeps it at its limit."""
    until = f"until {running.end.astimezone():%H:%M}"
    known = "at least " if running.quality == "at least" else ""
    forecast = f"this {_name_piece(running)} {known}{_format_kw(running.forecast)}"
    if running.limit is None or running.allowed is None:
        return forecast
    if running.least > running.limit:
        return f"{forecast}, which raises the fee by {group_digits(running.extra, 2)} {currency}"
    raised = f", which raises the fee by {group_digits(running.extra, 2)} {currency}" if running.extra else ""
    return f"{forecast}{raised}; {_format_kw(running.allowed)} {until} keep it at {_format_kw(running.limit)}"


def _name_piece(running: RunningState) -> str:
    return "quarter" if (running.end - running.start).total_seconds() < 3600 else "hour"


def _format_kw(value: Decimal) -> str:
    return f"{group_digits(value, 2)} kW"
