"""A reading's way to a line: the only room that knows both what a meter sends and how InfluxDB stores it.

The steps, with one row of a telegram that says 01:00:10 on New Year's Day of 2026 and came two seconds later:

    1-0:1.7.0(0001.727*kW)                                        row, as the meter sent it
      decoding/       Register(1-0:1.7.0, Decimal("1727"), "W")   register: exact, in the base unit
      catalogue.py    Entry("active_power", "total", "import", …) what the code means, and how it is named
      series.py       Series("active_power", (("direction", "import"), ("meter", "home"), …))
      timestamp.py    Timestamp(2026-01-01 00:00:10 UTC, offset -2 s)
      points.py       Point(series, value 1727, time)             in InfluxDB's terms; no step after knows a meter
      lineprotocol.py active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=1727 1767225610000

The timestamp is resolved once for each frame. A register in a series that needs no look-up takes a shorter way: meters
send the same registers all day, so `encoder.py` keeps the text before the value for each shape of message. `derived.py`
adds registers that follow from the others: in a telegram with 1-0:2.7.0 too, the net power 1-0:16.7.0.

The same steps as they run:

    >>> from datetime import UTC, datetime
    >>> from decimal import Decimal
    >>> from hanlogger.model import Civil, Meter, Obis, Reading, Register
    >>> from hanlogger.points.encoder import encode
    >>> from hanlogger.points.timestamp import resolve_timestamp
    >>> row = Register(Obis.parse("1-0:1.7.0"), Decimal(1727), "W")
    >>> reading = Reading((row,), Civil(datetime(2026, 1, 1, 1, 0, 10)))
    >>> timestamp = resolve_timestamp(reading, Meter("home"), datetime(2026, 1, 1, 0, 0, 12, tzinfo=UTC))
    >>> for line in encode(reading, Meter("home"), timestamp).lines:
    ...     print(line.decode(), end="")
    active_power,direction=import,meter=home,obis=1-0:1.7.0,phase=total value=1727 1767225610000
    clock_offset,meter=home value=-2 1767225610000
"""
