"""The costs of a meter's month so far, as a running logger reports them. Numbers are exact, rounded to three places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class PeakState:
    """One of the peaks on which a fee is based."""

    start: datetime
    kw: Decimal
    quality: str = "measured"  # at least: of a gap only the mean is known


@dataclass(frozen=True)
class RunningState:
    """The running hour or quarter of a fee for power. Powers are in kW."""

    start: datetime
    end: datetime
    so_far: Decimal  # kWh
    least: Decimal  # its mean if nothing more is used
    forecast: Decimal  # its mean if the power stays as it is
    limit: Decimal | None  # the mean that leaves the fee as it is; None: no mean raises it
    allowed: Decimal | None  # the power until its end that keeps it at the limit
    extra: Decimal  # by how much the forecast raises the month's fee
    quality: str = "measured"  # at least: its beginning is not known


@dataclass(frozen=True)
class FeeState:
    """A fee for power of the month."""

    line: str
    kw: Decimal  # that the fee is of
    fee: Decimal  # so far
    quality: str
    peaks: tuple[PeakState, ...] = ()
    next_kw: Decimal | None = None  # what one more kW in this hour adds to the fee; None: it adds nothing, or unknown
    running: RunningState | None = None  # None while it does not count, or nothing is known of it


@dataclass(frozen=True)
class CostState:
    """The costs of the month so far: the sums of a bill, with value added tax."""

    month: str  # such as 2026-11
    currency: str
    known: Decimal | None  # the sum, or what is known of it; None: nothing can be told
    quality: str  # measured at least incomplete unknown: how well it is known
    fees: tuple[FeeState, ...] = ()
    words: str = ""  # why nothing can be told
