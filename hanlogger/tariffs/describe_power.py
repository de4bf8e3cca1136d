"""The rule of a fee for power in words."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.language import Text, join, to_both
from hanlogger.tariffs import phrases
from hanlogger.tariffs.model import Component, PowerLine, Tariff, Weight
from hanlogger.tariffs.windows import When
from hanlogger.tariffs.wording import DAYS_OFF, join_sentence, say_money, say_tax

COUNTED = Text("What counts is {what}, {when}.", "Det som räknas är {what}, {when}.")
WHAT = {
    (60, False): Text("the mean power of each full hour", "medeleffekten för varje hel timme"),
    (60, True): Text(
        "the mean power of each hour, which may begin at any quarter",
        "medeleffekten för varje timme, som får börja vid vilken kvart som helst",
    ),
    (15, False): Text("the mean power of each quarter of an hour", "medeleffekten för varje kvart"),
}
SOLD = Text("It is the power that you sell.", "Det är den effekt som du säljer.")
OF = {
    "quarter": Text("which may be of one hour", "som får vara från samma timme"),
    "hour": Text("which may be of one day", "som får vara från samma dag"),
    "day": Text("each of another day", "var och en från en egen dag"),
    "week": Text("each of another week", "var och en från en egen vecka"),
    "month": Text("each of another month", "var och en från en egen månad"),
}
ONE = Text("Taken is the greatest of {over}.", "Den högsta under {over} tas.")
MEAN = Text(
    "Taken is the mean of the {count} greatest of {over}, {of}.",
    "Medelvärdet tas av de {count} högsta under {over}, {of}.",
)
EACH = Text("Each {of} is billed by itself, with its greatest.", "Varje {of} debiteras för sig, med sin högsta.")
EACH_OF = {
    "quarter": Text("quarter of an hour", "kvart"),
    "hour": Text("hour", "timme"),
    "day": Text("day", "dag"),
    "week": Text("week", "vecka"),
    "month": Text("month", "månad"),
}
OVER = {
    "month": Text("the month", "månaden"),
    "12 months": Text("the last 12 months", "de senaste 12 månaderna"),
    "mean of 12 months": Text("each month", "varje månad"),
}
MEAN_OF_MONTHS = Text(
    "The fee is for the mean of the last 12 months, each of them at least {floor} kW.",
    "Avgiften gäller medelvärdet av de senaste 12 månaderna, var och en minst {floor} kW.",
)
FEWER = {
    "found": Text(
        "Where there are fewer, the mean of those there are is taken.",
        "Finns det färre, tas medelvärdet av dem som finns.",
    ),
    "count": Text(
        "Where there are fewer, their sum is divided by {count} all the same.",
        "Finns det färre, delas summan ändå med {count}.",
    ),
}
WEIGHT = Text("{when}: counts × {factor}", "{when}: räknas × {factor}")
WEIGHTS = Text(
    "Before the greatest are taken, by the first that applies: {weights}.",
    "Innan de högsta tas, efter den första som gäller: {weights}.",
)
MONDAY = Text("A week counts as its Monday does.", "En vecka räknas som sin måndag.")
DEDUCT = Text("{kw} kW of it are free.", "{kw} kW av den är fria.")
FACTOR = Text("It counts × {factor}.", "Den räknas × {factor}.")
TOGETHER = {
    "sum": Text("The fee is for the sum of these.", "Avgiften gäller summan av dessa."),
    "max": Text("The fee is for the greatest of these.", "Avgiften gäller den största av dessa."),
}
PRICE = Text("{price} for each kW and {per}{months}", "{price} per kW och {per}{months}")
EACH_PRICE = Text("{price} for each kW of each such peak{months}", "{price} per kW av varje sådan topp{months}")
BASE = Text("To that {price} a {per}", "Därtill {price} per {per}")
PER = {"month": Text("month", "månad"), "year": Text("year", "år")}
TWELFTH = Text("A month is a twelfth of it.", "En månad är en tolftedel av det.")
STEP = Text("From {start} kW: {price} a {per}", "Från {start} kW: {price} per {per}")
EQUAL = {
    "upper": Text("Exactly at a threshold: the upper step.", "Precis på gränsen: det övre steget."),
    "lower": Text("Exactly at a threshold: the lower step.", "Precis på gränsen: det undre steget."),
}
PART = Text(
    "In a month in which it is valid in part, by its days.", "En månad då den gäller delvis: efter antalet dagar."
)
IN = Text(" in {months}", " i {months}")
REST = Text(" in all other months", " alla andra månader")


def describe_power(line: PowerLine, tariff: Tariff) -> Iterator[Text]:
    """Yield the sentences that say the rule of a power line."""
    for component in line.components:
        for text in _describe_component(component, line):
            named = f"{component.name}: " if component.name else ""
            yield Text(f"{named}{text.en}", f"{named}{text.sv}")
    if len(line.components) > 1:
        yield TOGETHER[line.combine]
    if line.over == "mean of 12 months":
        yield MEAN_OF_MONTHS.fill(floor=line.floor)
    yield from _describe_prices(line, tariff)
    if line.part_month == "days":
        yield PART
    for days in phrases.list_days_off(*_list_windows(line)):
        yield DAYS_OFF.fill(days=phrases.say_days_off(days))


def _list_windows(line: PowerLine) -> Iterator[When]:
    for component in line.components:
        yield component.when
        yield from (weight.when for weight in component.weights)


def _describe_component(component: Component, line: PowerLine) -> Iterator[Text]:
    what = WHAT[component.minutes, component.rolling]
    yield COUNTED.fill(what=what, when=phrases.say_when(component.when))
    if component.direction == "export":
        yield SOLD
    if component.weights:
        yield WEIGHTS.fill(weights=join(map(_describe_weight, component.weights), between="; "))
    if component.weigh_by == "monday":
        yield MONDAY
    if line.billing == "each":
        yield EACH.fill(of=EACH_OF[component.one_per])
    elif component.count == 1:
        yield ONE.fill(over=OVER[line.over])
    else:
        yield MEAN.fill(count=component.count, over=OVER[line.over], of=OF[component.one_per])
        yield FEWER[line.fewer].fill(count=component.count)
    if component.deduct:
        yield DEDUCT.fill(kw=component.deduct)
    if component.factor != 1:
        yield FACTOR.fill(factor=component.factor)


def _describe_weight(weight: Weight) -> Text:
    return WEIGHT.fill(when=phrases.say_when(weight.when), factor=weight.factor)


def _describe_prices(line: PowerLine, tariff: Tariff) -> Iterator[Text]:
    per = PER[line.per]
    for number, season in enumerate(line.prices):
        months = IN.fill(months=phrases.say_months(season.months)) if season.months else REST if number else to_both("")
        form = EACH_PRICE if line.billing == "each" else PRICE
        text = form.fill(price=say_money(season.price, tariff), per=per, months=months)
        named = Text(f"{season.name}: {text.en}", f"{season.name}: {text.sv}") if season.name else text
        yield join_sentence(named, say_tax(season.price))
    if line.base:
        yield join_sentence(BASE.fill(price=say_money(line.base, tariff), per=per), say_tax(line.base))
    for step in line.steps:
        yield join_sentence(
            STEP.fill(start=step.start, price=say_money(step.price, tariff), per=per), say_tax(step.price)
        )
    if line.steps:
        yield EQUAL[line.equal]
    if line.per == "year":
        yield TWELFTH
