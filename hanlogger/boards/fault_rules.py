"""The alert rules without a limit: faults of meter, grid and logger, and a grown base load."""

from __future__ import annotations

from hanlogger.boards.fragments import and_the_end, base_load, by, over, power, quantity, select, total
from hanlogger.boards.rule import DAY, HOUR, LOGGER, METER, MINUTE, OBIS, PHASE, TIME_FILTER, Rule, format_value
from hanlogger.boards.voltage import HIGH, LOW
from hanlogger.language import Text

NAME = "{{ if $labels.meter }}{{ $labels.meter }}{{ else }}hanlogger{{ end }}"
AGO = "{{ humanizeDuration $values.B.Value }}"
_NEWEST = select('last("value") AS "v"', power("import"), TIME_FILTER, by("meter"))
METER_SILENT = Rule(
    uid="han-meter-silent",
    title=Text("Meter silent", "Mätaren är tyst"),
    summary=Text(
        f"{NAME}: {{{{ if $values.B }}}}last telegram {AGO} ago{{{{ else }}}}no telegram for a day{{{{ end }}}}",
        f"{NAME}: {{{{ if $values.B }}}}senaste telegrammet för {AGO} sedan"
        "{{ else }}inget telegram på ett dygn{{ end }}",
    ),
    advice=Text(
        "Check the plug, the adapter, hanlogger (`hanlogger status`) and the database.",
        "Kontrollera kontakten, adaptern, hanlogger (`hanlogger status`) och databasen.",
    ),
    query=select('elapsed("v", 1s)', and_the_end(_NEWEST, TIME_FILTER), by("meter")),
    span=DAY,
    condition=("gt", (3 * MINUTE,)),
    pending=MINUTE,
    keep=5 * MINUTE,
    severity="critical",
    board=("han-health", 1),
    alerts_on_no_data=True,
)

VOLTAGE_OUTSIDE = Rule(
    uid="han-voltage",
    title=Text(f"Voltage outside {LOW}–{HIGH} V", f"Spänning utanför {LOW}–{HIGH} V"),
    summary=Text(
        f"{PHASE}: {format_value(1)} V over 10 minutes",
        f"{PHASE}: {format_value(1)} V under 10 minuter",
    ),
    advice=Text(
        "If this happens often, show the voltage board to the grid company.",
        "Om det händer ofta, visa tavlan om spänning för nätbolaget.",
    ),
    query=select('mean("value")', quantity("voltage"), f'"value" > 100 AND {TIME_FILTER}', by("meter", "phase")),
    span=10 * MINUTE,
    condition=("outside_range", (LOW, HIGH)),
    pending=10 * MINUTE,
    board=("han-voltage", 3),
)

PHASE_LOST = Rule(
    uid="han-phase-lost",
    title=Text("Phase lost", "Fas borta"),
    summary=Text(
        f"{PHASE}: {format_value(0)} V less than earlier today",
        f"{PHASE}: {format_value(0)} V mindre än tidigare under dygnet",
    ),
    advice=Text(
        "A fuse has blown, or the grid has lost a phase: switch off three-phase machines.",
        "En säkring har gått eller nätet saknar en fas: stäng av trefasmaskiner.",
    ),
    query=select('max("value") - last("value")', quantity("voltage"), TIME_FILTER, by("meter", "phase")),
    span=DAY,
    condition=("gt", (130,)),
    severity="critical",
    board=("han-voltage", 1),
)

_COUNTER = ("meter", "direction", "obis")
_STEPS = select('difference("value") AS "d"', total("active_energy"), TIME_FILTER, by(*_COUNTER))
COUNTER_BACK = Rule(
    uid="han-counter-back",
    title=Text("Counter gone backwards", "Mätarställning bakåt"),
    summary=Text(
        f"{METER} {OBIS}: changed by {format_value(0)} Wh",
        f"{METER} {OBIS}: ändrades med {format_value(0)} Wh",
    ),
    advice=Text(
        "The meter was exchanged or restarted, or two meters write under one name.",
        "Mätaren är utbytt eller omstartad, eller så skriver två mätare under ett namn.",
    ),
    query=select('min("d")', over(_STEPS), by(*_COUNTER)),
    span=DAY,
    condition=("lt", (0,)),
    severity="info",
    board=("han-energy", 22),
)
"""The query groups by OBIS code, as two codes of one quantity must not be subtracted from each other."""

CLOCK = Rule(
    uid="han-clock",
    title=Text("Meter clock off", "Mätarens klocka går fel"),
    summary=Text(
        f"{METER}: {format_value(0)} s from the host clock",
        f"{METER}: {format_value(0)} s från datorns klocka",
    ),
    advice=Text(
        "Off by a whole hour: the setting `clock` is wrong. Otherwise check this computer's clock first.",
        "En hel timme fel: inställningen `clock` är fel. Annars: kontrollera först datorns klocka.",
    ),
    query=select('median("value")', quantity("clock_offset"), TIME_FILTER, by("meter")),
    span=HOUR,
    condition=("outside_range", (-120, 120)),
    pending=30 * MINUTE,
    severity="info",
    board=("han-health", 9),
)

DAMAGED = Rule(
    uid="han-damaged",
    title=Text("Many damaged telegrams", "Många skadade telegram"),
    summary=Text(
        f"{METER}: {format_value(2)} damaged for each whole one within an hour",
        f"{METER}: {format_value(2)} skadade per helt under en timme",
    ),
    advice=Text(
        "The cause may be a loose plug, a long cable or a weak adapter.",
        "Orsaken kan vara en glappande kontakt, en lång kabel eller en svag adapter.",
    ),
    query=select('spread("damaged") / spread("frames")', quantity("hanlogger"), TIME_FILTER, by("meter")),
    span=HOUR,
    condition=("gt", (0.05,)),
    pending=15 * MINUTE,
    board=("han-health", 6),
)

REFUSED = Rule(
    uid="han-refused",
    title=Text("The database refuses points", "Databasen avvisar punkter"),
    summary=Text(
        f"{LOGGER}: {format_value(0)} refused within an hour",
        f"{LOGGER}: {format_value(0)} avvisade under en timme",
    ),
    advice=Text("`hanlogger refused` shows why.", "`hanlogger refused` visar varför."),
    query=select('last("refused") - first("refused")', quantity("hanlogger"), TIME_FILTER, by("logger")),
    span=HOUR,
    condition=("gt", (0,)),
    board=("han-health", 7),
)
"""The spread would be wrong: a refused line that is delivered later makes the number smaller."""

_SLOPES = select('derivative("undelivered_age", 1m) AS "d"', quantity("hanlogger"), TIME_FILTER, by("logger"))
BACKLOG = Rule(
    uid="han-backlog",
    title=Text("Backlog growing", "Kön till databasen växer"),
    summary=Text(
        f"{LOGGER}: {format_value(0)} s further behind each minute",
        f"{LOGGER}: {format_value(0)} s längre efter varje minut",
    ),
    advice=Text(
        "More telegrams come than the database takes; nothing is lost while the journal has room.",
        "Fler telegram kommer än databasen tar; inget går förlorat så länge journalen har plats.",
    ),
    query=select('mean("d")', over(_SLOPES), by("logger")),
    span=15 * MINUTE,
    condition=("gt", (20,)),
    pending=5 * MINUTE,
    board=("han-health", 8),
)
"""The age of the oldest telegram that waits grows by 60 s a minute while nothing is delivered, by less while more comes
than is delivered, and shrinks while the backlog does."""

THREE_DAYS = "259200721ms"
"""The length of blocks of three days that end now.

With the offset `now()` InfluxQL counts the blocks from the year 1. The time from then to 1970 is a whole number of
these blocks (but for 38 s); it is not of `3d`, with which the newest block would be one day long.
"""

_BLOCKS = by("meter", every=THREE_DAYS, offset="now()", fill="none")
BASE_LOAD = Rule(
    uid="han-base-load",
    title=Text("Base load has grown", "Grundlasten har ökat"),
    summary=Text(
        f"{METER}: {format_value(0)} W now, {format_value(0, 'C')} W before",
        f"{METER}: {format_value(0)} W nu, {format_value(0, 'C')} W förut",
    ),
    advice=Text(
        "Over three days it was more than 1.5 times as high as before, and 50 W higher: something has been left on.",
        "Under tre dygn var den mer än 1,5 gånger så hög som förut, och 50 W högre: något har lämnats på.",
    ),
    query=select('"base"', over(base_load(_BLOCKS, TIME_FILTER, 'count("m") AS "n"')), 'WHERE "n" >= 100', by("meter")),
    span=15 * DAY,
    reducers=("last", "median"),
    math="$B > 1.5 * $C && $B > $C + 50",
    condition=("gt", (0,)),
    pending=HOUR,
    severity="info",
    board=("han-live", 7),
)
"""The last three days are compared with the median of five such blocks, without blocks of under 100 means (16 h)."""

FAULTS = (METER_SILENT, VOLTAGE_OUTSIDE, PHASE_LOST, BASE_LOAD, COUNTER_BACK, CLOCK, DAMAGED, REFUSED, BACKLOG)
