"""Checked tables of a tariff file become the frozen model: defaults filled in, choices made, contradictions refused."""

from __future__ import annotations

from decimal import Decimal

from hanlogger.tariffs import model, power_table
from hanlogger.tariffs.calendar import Clock
from hanlogger.tariffs.defaults import Defaults
from hanlogger.tariffs.schema import EnergyTable, FixedTable, LineTable, RateTable, SupportTable, TariffTable
from hanlogger.tariffs.validity import build_validity, check_names, check_schemes


def build_tariff(table: TariffTable) -> model.Tariff:
    """Return the tariff of a file's tables; ValueError, with what to do, where they contradict each other."""
    defaults = Defaults(table)
    energy = (build_energy(each, "import", name_line("energy", each), defaults) for each in table.energy)
    export = (build_energy(each, "export", name_line("export", each), defaults) for each in table.export)
    tariff = model.Tariff(
        name=table.name,
        currency=table.currency,
        clock=Clock(table.zone, table.time),
        valid=build_validity(table.valid_from, table.valid_to),
        part=table.part,
        fixed=tuple(build_fixed(each, defaults) for each in table.fixed),
        energy=(*energy, *export),
        support=tuple(build_support(each, defaults) for each in table.support),
        power=tuple(power_table.build_power(each, defaults) for each in table.power),
        company=table.company,
        customers=table.customers,
        customer=tuple(table.customer.items()),
        customer_since=table.customer_since,
        source=table.source,
        source_date=table.source_date,
        notes=table.notes,
    )
    check_names(tariff.list_all_lines())
    check_schemes(tariff.support)
    return tariff


def name_line(kind: str, table: LineTable) -> str:
    """Return what an error calls a line."""
    return f'{kind} "{table.name}"'


def build_fixed(table: FixedTable, defaults: Defaults) -> model.FixedLine:
    """Return a fixed line; ValueError where it has no price, or two."""
    where = name_line("fixed", table)
    price = defaults.build_price(table, defaults.choose(table.price, table.price_by, where))
    return model.FixedLine(
        table.name, price, table.per, table.year_by, build_validity(table.valid_from, table.valid_to, where)
    )


def build_energy(table: EnergyTable, direction: model.Direction, where: str, defaults: Defaults) -> model.EnergyLine:
    """Return an energy line; money for what is sold has no tax on it where the line does not say so."""
    vat = Decimal(0) if direction == "export" else None
    own = table.price is not None or table.price_by or table.spot
    if bool(own) == bool(table.rates):
        raise ValueError(f"{where}: give price, price_by or spot, or a list of rates, not both and not neither")
    if (table.spot_by == "month") != bool(table.month_prices):
        raise ValueError(f'{where}: spot_by = "month" and month_prices belong together; give both, or neither')
    rates = table.rates or (table,)
    return model.EnergyLine(
        table.name,
        tuple(_build_rate(each, table, vat, where, defaults) for each in rates),
        direction,
        table.spot_by,
        table.month_prices,
        build_validity(table.valid_from, table.valid_to, where),
        defaults.make_clock(table),
    )


def _build_rate(table: RateTable, line: EnergyTable, vat: Decimal | None, where: str, defaults: Defaults) -> model.Rate:
    price = Decimal(0)
    if table.price is not None or table.price_by or not table.spot:
        price = defaults.choose(table.price, table.price_by, where)
    name = "" if table is line else table.name
    return model.Rate(defaults.build_price(line, price, vat), table.spot, defaults.build_when(table, line, where), name)


def build_support(table: SupportTable, defaults: Defaults) -> model.SupportLine:
    """Return the line of a support scheme."""
    return model.SupportLine(
        table.name,
        table.scheme,
        defaults.build_price(table, table.threshold),
        table.share,
        table.cap,
        build_validity(table.valid_from, table.valid_to, name_line("support", table)),
        Clock(defaults.top.zone, defaults.top.time),
    )
