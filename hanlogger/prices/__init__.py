"""Spot prices: asked for at a server, read from a file, or fixed; kept in the journal by the instant they hold from.

How it works
============

**A day** is a civil day of the area's zone, of 92, 96 or 100 quarters of an hour. What a source says of it is turned
into the price of each quarter by its beginning in UTC (`quarters.py`), whether it came in hours, in quarters or in
both. An answer that contradicts itself, is of another day or in another currency, or states times without their offset
is refused as a whole, with the reason (`answer.py`, `price_file.py`): no quarter ever gets another one's price. Hours
that are missing stay unknown, and are asked for again.

**When.** Today is asked for at the start, tomorrow from 13:00 on, some minutes later at each logger, so that not all
ask at once (`schedule.py`). What is known of a day before it begins is preliminary: once it has begun it is asked for
again, and the answer of then is final. Days of the past follow, the newest first, where the journal has intervals
without prices.

**A thread** (`feed.py`) looks once a minute whether something is due. A server that fails is asked again by tenacity
within seconds, then each quarter of an hour; recording and delivery never wait for it. A change of price announces its
quarters to delivery, as intervals do.
"""
