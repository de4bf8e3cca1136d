"""Czech meters of EG.D, Sagemcom XT211 (docs/protocol.md C.7): pairs of an attribute descriptor and a value.

Scalers are not sent: all numbers are in the base units, W and Wh.
"""

from __future__ import annotations

from hanlogger.decoding.meters.family import Family
from hanlogger.decoding.rows import has_attribute_descriptors

FAMILY = Family("egd", has_attribute_descriptors)
