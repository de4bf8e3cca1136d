"""The pages of a running logger: what a browser, Prometheus and other programs are shown, from the journal alone.

Theory of operation. `run` makes one `Pages`, and hands it the state that it reports each second; that is all that the
recording has to do with it. A thread of its own (serving.py) serves at most so many connections, each for one request.
`guard.py` stands before everything: who is asked under a name that is not ours gets nothing. `app.py` is the table of
addresses. A view (`now.py`, `energy.py`, `health.py`) turns the state and what `archive/history.py` reads of the
journal into rows of texts, and a template into HTML; charts are SVG, drawn here (`charts.py`). `events.py` sends the
parts of a page that change as the same HTML. The journal is read through a connection of its own that cannot write.

Nothing of this room is imported where no page is served.
"""

from __future__ import annotations

from hanlogger.web.serving import Pages

__all__ = ["Pages"]
