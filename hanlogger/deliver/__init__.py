"""Deliver the journal to databases: decode, make lines, write them, and move the cursor once InfluxDB answers 204.

Theory of operation. Each destination has a thread, a cursor and ranges of redelivery in the journal; threads share
nothing else but the limit of series. In the picture, records have ids from left to right:

    id   1 ─────────────── 40 ───── 55 ──────────────────── 90 ─────── 97 ── 100
         │     delivered   │ redelivery │     delivered     │  waiting       │
         │  (204, refused  │  40 to 55  │                   cursor = 90      newest
         │  or undecoded)  │            │

- **Cursor.** All records up to it are in the database, refused, listed as undecoded, or in a redelivery. It moves when
  the answer is 204 and never before: only a 204 counts, and what was sent without one is sent again. At least once is
  exactly once, since a point is its series and its timestamp, and the same record gives the same octets. Where nothing
  waits for it, it moves once a minute, in the transaction of an append, as each page that is written costs the disk
  (`late_settling.py`).
- **Drafts in the order of time.** Records are drafted one after the other in the order of their ids, which is the order
  of a meter's time: a draft (`drafts.py`) is a record's lines and what is noted about it (`notices.py`). A frame that
  cannot be decoded is listed, and the cursor goes past it. A record whose points take the arrival time waits until the
  host's clock is known to be set, and all after it wait with it. A request (`batch.py`) holds all that waits, up to
  5,000 lines: usually one telegram, at once.
- **The doubled hour.** In autumn an hour of legal time occurs twice. For a live frame the arrival time tells which is
  meant; for one from a file the reading before it does (`journal/order.py`), looked up in the journal, so that the
  record gets the same timestamp at each delivery.
- **Intervals and prices.** A record may announce either (journal/energy/). Its lines are made of what they are
  when it is sent, so that an older announcement that is sent once more never brings back what has been corrected since.
- **Redelivery.** New records go first. A range is sent again when nothing new waits: after `backfill`, after a better
  decoder or key, and after a refusal.
- **Bisection and its budget.** When InfluxDB refuses a batch (400, 422), all records that wait become a redelivery, and
  the cursor moves to the newest, so that later telegrams do not wait. In the redelivery the batch is halved until each
  line at fault stands alone (`bisection.py`); new records go before each of its requests. After 200 requests the rest
  is refused as one range. What is refused is listed with the database's words, and can be sent again.
- **Failures.** Without an answer, and after 5xx, 401 and the like, the cursor stays and the request is tried again for
  ever, 1 to 60 s apart (`pace.py`); each outage is logged once (`outage_log.py`). A 413 halves the requests
  (`request_size.py`). A database that answers 500 to the same lines in the same words, while it accepts the newest
  telegram, refuses those lines (`blame.py`).
- **Abandoned requests.** A request runs in a thread of its own. At a stop, or when an answer takes longer than all
  time-outs together, that thread is left alone; whether the request succeeded does not matter, as it is sent again.
- **The lock of `forget`.** What is deleted must not come back by a request that was made before. So each request holds
  a lock on a file beside the journal, shared with other requests, and checks under it that its records are unchanged;
  if not, RecordsChanged is raised, and the batch is made anew. `forget` deletes, waits until it could have that lock
  alone, and deletes in the database once more.
"""

from __future__ import annotations

from hanlogger.deliver.delivery import Delivery
from hanlogger.deliver.pace import Pace
from hanlogger.deliver.requests import WELL, Answer
from hanlogger.deliver.series_limit import SeriesLimit

__all__ = ["WELL", "Answer", "Delivery", "Pace", "SeriesLimit"]
