"""Energy by interval: what a meter's registers say about each quarter of an hour (docs/design.md section 7)."""

from hanlogger.intervals.span import HOUR, QUARTER, Quality, Span
from hanlogger.intervals.sums import PERIODS, Period, Sum, SumQuality, list_borders, sum_spans

__all__ = [
    "HOUR",
    "PERIODS",
    "QUARTER",
    "Period",
    "Quality",
    "Span",
    "Sum",
    "SumQuality",
    "list_borders",
    "sum_spans",
]
