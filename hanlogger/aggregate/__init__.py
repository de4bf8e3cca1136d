"""The third loop: it reads the journal and makes energy by interval of it (docs/design.md section 7).

It has a cursor and redeliveries of its own, as a destination has, so that frames that come late, are decoded only later
or get other settings are read once more. Reading a frame twice changes nothing, so that it may be killed anywhere.
"""

from hanlogger.aggregate.aggregator import Aggregator
from hanlogger.aggregate.loop import Aggregation

__all__ = ["Aggregation", "Aggregator"]
