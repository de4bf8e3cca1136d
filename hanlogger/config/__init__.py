"""Settings: a file, over it the environment, over it the options of a command, as one frozen, checked `Settings`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from hanlogger.config.build import build
from hanlogger.config.faults import explain
from hanlogger.config.layers import stack
from hanlogger.config.schema import Schema
from hanlogger.config.settings import Grafana, Limits, Settings

__all__ = ["Grafana", "Limits", "Settings", "load"]


def load(path: Path | None, environ: Mapping[str, str], *, reads_ports: bool = True, **options: str) -> Settings:
    """The settings in force (docs/design.md section 6).

    path: of `--config`, else HANLOGGER_CONFIG, else the usual places. environ: an empty variable is not given.
    reads_ports: False for what works from the journal, so that a meter may be named without a port.
    options: named like the variables, `port="demo:"`. ConfigError: one line that names file, key, found, allowed.
    """
    layers = stack(path, environ, {name.upper(): value for name, value in options.items()})
    if not reads_ports:
        layers.leave_out_ports()
    try:
        schema = Schema.model_validate(layers.tree)
    except ValidationError as error:
        raise explain(error, layers) from None
    return build(schema, layers, environ)
