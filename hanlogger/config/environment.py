"""Variables of the environment that are settings, and where in the configuration each stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from hanlogger.config.places import PLACES, Place, SettingPath
from hanlogger.config.schema import About, MeterTable, get_about
from hanlogger.errors import ConfigError

PREFIX = "HANLOGGER_"
NO_SETTINGS = (PREFIX + "TEST_", PREFIX + "SOAK")  # variables of the tests


def map_variables() -> dict[str, tuple[SettingPath, About]]:
    """Return the setting of each variable: (("meter", 0, "scale", "energy"), its About) of HANLOGGER_SCALE_ENERGY."""
    names: dict[str, tuple[SettingPath, About]] = {}
    for name, setting, told in (row for place in PLACES for row in _list_variables(place)):
        names.setdefault(name, (setting, told))  # limits such as FUSE stand for all meters, not for one
    return names


def _list_variables(place: Place) -> Iterator[tuple[str, SettingPath, About]]:
    prefix = PREFIX + (f"{place.name.upper()}_" if place.name else "")
    for key in place.table.model_fields:
        told = get_about(place.table, key)
        if told and key != "tags":
            name = "METER" if (place.table, key) == (MeterTable, "name") else key.upper()
            yield prefix + name, (*place.path, key), told


def refuse_strays(environ: Mapping[str, str]) -> None:
    """Raise ConfigError for an unknown HANLOGGER_ variable, which its user would take for a setting in force."""
    known = sorted(name.removeprefix(PREFIX) for name in (*map_variables(), PREFIX + "CONFIG"))
    for name in sorted(name for name in environ if name.startswith(PREFIX) and environ[name]):
        given = name.removeprefix(PREFIX)
        if given not in known and not name.startswith(NO_SETTINGS):
            near = difflib.get_close_matches(given, known, 1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else f"known are {PREFIX}… with {', '.join(known)}"
            raise ConfigError(f"{name} is no setting; {hint}")
