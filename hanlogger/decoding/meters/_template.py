"""Nordlys N3, a meter that nobody makes: copy this file to `<make>.py`, and let it say what your meter sends.

Begin with a drawing of the layout, as found in a capture (`python -m tools.layout CAPTURE` draws the values and their
types) and confirmed by the meter's paper or its display; give the source, or the heading in docs/protocol.md under
which you wrote the facts down. Here the body of each push is

    02 06                    structure of six values: no codes, no scalers, no units
    0A 09 "NORDLYS_1"        1-1:0.2.129   name of the list, by which the family is known
    0A 0C "735999000001"     0-0:96.1.0    number of the meter
    06 <u32>                 1-0:1.7.0     active power import, W
    12 <u16>                 1-0:32.7.0    voltage L1, 0.1 V
    12 <u16>                 1-0:31.7.0    current L1, 0.01 A
    06 <u32>                 1-0:1.8.0     active energy import, 10 Wh

behind a header whose time is legal time without a deviation. Then

1. write the row below: what of `Family` your meter does not need, leave out;
2. add the row to `FAMILIES` in `decoding/meters/__init__.py`, before any family that would take its messages too;
3. put a capture and what it says into `tests/fixtures/<family>/` (see the README there), and run the tests in
   `tests/unit/decoding/`: they fail while a module is in no table, or a row has no capture.

A list that has a code before each value needs no layout (see `kamstrup.py`); one that states scalers and units needs no
factors either (see `aidon.py`), and often no family at all: look what `hanlogger decode --table` shows first.
"""

from __future__ import annotations

from decimal import Decimal

from hanlogger.decoding.layouts import Layout
from hanlogger.decoding.meters.family import Body, Factors, Family, find_list_id
from hanlogger.model import Civil

# The types of the values in order, one letter each (see `Layout`), then the OBIS code of each. A message that has other
# types, or another number of values, is not taken: a value is never guessed at by its place alone.
_LAYOUT = Layout.of("ssIHHI", "1-1:0.2.129", "0-0:96.1.0", "1-0:1.7.0", "1-0:32.7.0", "1-0:31.7.0", "1-0:1.8.0")

# What a raw number is multiplied by, for each quantity that the message states no scaler for. Powers are in W already.
# A user who knows better says so with the settings scale.energy, scale.current and scale.voltage.
_FACTORS: Factors = {"voltage": Decimal("0.1"), "current": Decimal("0.01"), "energy": Decimal(10)}


def _recognise(body: Body) -> bool:
    """Tell whether a message is of this family: by its own name for itself where it has one, and by its layout."""
    return find_list_id(body).startswith("NORDLYS") and _LAYOUT.fits(body)


def _is_full_hour(clock: Civil) -> bool:
    """Tell whether the energies of a message belong to the full hour, and not to the second of its clock."""
    return (clock.local.minute, clock.local.second) == (0, 0)


FAMILY = Family(
    "nordlys",
    _recognise,
    rows=_LAYOUT.make_rows,  # left out where the list has codes
    factors=lambda _: _FACTORS,  # of the rows, where the scale depends on them; left out where the list states scalers
    clock_rule="local",  # what a clock without a deviation means: "normal-time" (the default), "local"
    trusts_deviation=True,  # False where the meter states a deviation that is not true
    limits=(),  # numbers by which `factors` tells scales apart; nothing else may depend on the numbers of a message
    hourly=lambda _: True,  # left out where energies are those of the clock
    at_full_hour=_is_full_hour,  # left out where they never are, or always
)
