"""Tariffs: what energy and power cost, by the rules of those who sell them. Pure: no file, no clock, no float.

How it works
============

**The rule** is a `Tariff` (`model.py`): fixed lines, lines for each kWh, support schemes, and lines for power, each
with its windows (`windows.py`), days off and validity. `read_tariff` makes it of a file's text (docs/tariffs.md).

**The energy** comes as spans (`hanlogger.intervals`): what the registers differ by between two instants, UTC. A tariff
tells the time of an instant by its own clock (`calendar.py`), legal or standard, so that its windows, days and months
are where its company has them while meters tick in UTC+1.

**What each kWh costs** (`energy.py`): each quarter of an hour has a rate of each line. A span over quarters with
different prices costs at least its energy at the lowest of them. For a bill energies of one price are added up first
(`sums.py`).

**What power costs**: spans are cut into pieces of an hour or a quarter (`pieces.py`), the greatest of each day, hour,
week or month are found (`peaks.py`), and a month's N greatest become a number of kW and a fee (`power.py`)::

    spans   |··|··|··|··|------- gap -------|··|··|      a gap's sum is never put into one piece: its mean
    pieces  |  known    |       block       |known|      is the least that its greatest piece can be

`running.py` looks ahead: what the running hour may be without raising the fee so far.

**The bill** (`bill.py`, `bill_lines.py`) has for each line quantity, price, sum, how it was found, and how well it is
known. What is not known is said, and is never 0: a missing price leaves a sum unknown, a gap makes it "at least",
missing energy leaves it incomplete. Numbers are exact (Decimal, Fraction) up to the line, which is rounded; the total
is the sum of the lines.
"""
