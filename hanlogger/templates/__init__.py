"""Octets to lines at once, for messages of a shape that is known.

A meter sends the same message all day, in which only numbers and times differ; so do the lines that are made of it.
What they have in common is a template, made of the first message of a shape by the readable way (decoding, points),
which says what is right:

    1-0:1.7.0(0001.727*kW)      octets: all but the digits, and where they stand (decoding/plans), are the shape
               ↓
    active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=1727 1767225610000
    head, of the template                                                     │    │
                                                        the digits, without zeros  the timestamp, once for all lines

A message of that shape is compared with it as one large number, masked; the digits are cut out as integers and put
into one form of all lines, in which the timestamp then takes the place of the line ends. No register, no exact number
and no point is made, but for what is derived from numbers that are scaled.

Whatever a template is not sure of goes the readable way: a number that is no number, a clock that shows no time, a gas
meter's time that cannot be right, a code that stands twice, rows that cannot be read or belong to a closed period. Both
ways give the same octets; `tests/unit/templates/` holds them to that.

    texts.py     numbers that are scaled, and derived registers, as they are written
    template.py  what is kept of a shape, filled in
    making.py    a template of the first message of a shape
    memory.py    the templates of all meters
"""

from hanlogger.templates.memory import Templates
from hanlogger.templates.template import Filled

__all__ = ["Filled", "Templates"]
