"""The table of a power line becomes the model, and what contradicts itself is refused."""

from __future__ import annotations

from hanlogger.tariffs import model
from hanlogger.tariffs.defaults import Defaults
from hanlogger.tariffs.schema import ComponentTable, PowerTable, SeasonPriceTable
from hanlogger.tariffs.validity import build_validity

OWN = {
    "months", "days", "holidays", "hours", "windows", "minutes", "rolling", "one_per", "peaks", "weights", "weigh_by",
    "deduct", "factor", "direction",
}  # fmt: skip
"""The keys of a power line that describe its one component, and have no place beside tables `component`."""

OF_MEANS = {"component", "combine", "over", "floor", "base", "peaks", "fewer", "deduct", "factor"}
"""The keys of a power line that mean nothing where every peak is billed by itself."""


def build_power(table: PowerTable, defaults: Defaults) -> model.PowerLine:
    """Return a power line; ValueError, with what to do, where its keys contradict each other."""
    where = f'power "{table.name}"'
    _check(table, where)
    components = table.component or (table,)
    return model.PowerLine(
        name=table.name,
        components=tuple(_build_component(each, table, defaults, where) for each in components),
        prices=_build_prices(table, defaults, where),
        billing=table.billing,
        combine=table.combine,
        base=defaults.build_price(table, table.base) if table.base is not None else None,
        steps=tuple(model.Step(step.from_, defaults.build_price(table, step.price)) for step in table.steps),
        equal=table.equal,
        per=table.per,
        over=table.over,
        floor=table.floor,
        fewer=table.fewer,
        part_month=table.part_month,
        valid=build_validity(table.valid_from, table.valid_to, where),
        clock=defaults.make_clock(table),
    )


def _build_prices(table: PowerTable, defaults: Defaults, where: str) -> tuple[model.SeasonPrice, ...]:
    if table.billing == "steps":
        return ()
    rows = table.rates or (SeasonPriceTable(price=table.price, price_by=table.price_by),)
    return tuple(_build_season(row, table, defaults, where) for row in rows)


def _build_season(row: SeasonPriceTable, line: PowerTable, defaults: Defaults, where: str) -> model.SeasonPrice:
    price = defaults.build_price(line, defaults.choose(row.price, row.price_by, where))
    return model.SeasonPrice(price, frozenset(row.months), row.name)


def _build_component(table: ComponentTable, line: PowerTable, defaults: Defaults, where: str) -> model.Component:
    if table.one_per == "quarter" and table.minutes != 15:
        raise ValueError(f'{where}: one_per "quarter" needs minutes = 15')
    if table.rolling and (table.minutes != 60 or (table.one_per == "hour" and table.peaks > 1)):
        raise ValueError(f'{where}: rolling needs minutes = 60, and one_per "day" or longer where peaks is above 1')
    return model.Component(
        name="" if table is line else table.name,
        when=defaults.build_when(table, line, where),
        minutes=table.minutes,
        rolling=table.rolling,
        one_per=table.one_per,
        count=table.peaks,
        weights=tuple(model.Weight(each.factor, defaults.build_when(each, line, where)) for each in table.weights),
        weigh_by=table.weigh_by,
        deduct=table.deduct,
        factor=table.factor,
        direction=table.direction,
    )


def _check(table: PowerTable, where: str) -> None:
    """Refuse keys that mean nothing beside the others, since whoever wrote them meant something."""
    given = table.model_fields_set
    if table.component and (beside := sorted(given & OWN)):
        raise ValueError(f"{where}: {', '.join(beside)} stands beside tables component; put it into them")
    if (table.billing == "steps") != bool(table.steps):
        raise ValueError(f'{where}: billing = "steps" and steps belong together; give both, or neither')
    if table.billing == "steps" and given & {"price", "price_by", "rates", "base"}:
        raise ValueError(f"{where}: with steps the steps have the prices; take price, rates and base away")
    if table.rates and given & {"price", "price_by"}:
        raise ValueError(f"{where}: give price or rates, not both")
    starts = [step.from_ for step in table.steps]
    if starts and (starts[0] != 0 or starts != sorted(set(starts))):
        raise ValueError(f"{where}: steps must begin at 0 and rise: found {', '.join(map(str, starts))}")
    if table.billing == "each" and (beside := sorted(given & OF_MEANS)):
        raise ValueError(f'{where}: billing = "each" bills every peak by itself; take {", ".join(beside)} away')
    if table.floor and table.over != "mean of 12 months":
        raise ValueError(f'{where}: floor belongs to over = "mean of 12 months"')
    if "combine" in given and not table.component:
        raise ValueError(f"{where}: combine belongs to several tables component")
