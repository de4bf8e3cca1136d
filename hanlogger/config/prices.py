"""Build the source of spot prices from the checked table: exactly one of a server, a file and a fixed price."""

from __future__ import annotations

from hanlogger.config.files import Files
from hanlogger.config.schema import Schema
from hanlogger.errors import ConfigError
from hanlogger.prices.areas import AREAS
from hanlogger.prices.source import PriceSource

_HERE = "price"


def build_price(schema: Schema, files: Files) -> PriceSource | None:
    """Return where spot prices come from; None where no area is set. ConfigError for none, or several, of the ways."""
    table = schema.price
    if table is None:
        return None
    given = [key for key in ("url", "file", "fixed") if getattr(table, key) not in ("", None)]
    if len(given) > 1:
        origin = files.name_origin((_HERE, given[1]))
        raise ConfigError(f"{origin}: found {given[1]} beside {given[0]}; allowed: one of url, file and fixed")
    url = table.url or ("" if given else AREAS[table.area].url)
    if not (given or url):
        origin = files.name_origin((_HERE, "area"))
        words = f"no server is known for {table.area}"
        raise ConfigError(f"{origin}: found no url, and {words}; allowed: one of url, file and fixed")
    return PriceSource(table.area, url, files.resolve_path(table.file, (_HERE, "file")), table.fixed)
