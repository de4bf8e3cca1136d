"""The answer of an Eltariff API, by which grid companies publish tariffs as JSON, becomes tables of our own form.

`answer.py` reads the JSON and chooses a tariff, `tariff.py` makes its tables with `lines.py`, `power.py`,
`calendars.py` and `prices.py`. The reader is tolerant: whatever differs from the specification and still has one
meaning is read, and reported by name and place (`hanlogger.tariffs.node`). Where a meaning would be guessed the tariff
is refused, with the text that is not understood. `forms.py` is the specification: which fields each object has.
"""
