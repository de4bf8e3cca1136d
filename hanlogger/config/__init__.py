"""Settings: a file, the environment over it and a command's options over both become one checked, frozen `Settings`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from hanlogger.config.build import build_settings
from hanlogger.config.explain import explain
from hanlogger.config.layers import stack_layers
from hanlogger.config.schema import Schema
from hanlogger.config.settings import Grafana, Limits, Settings, Web

__all__ = ["Grafana", "Limits", "Settings", "Web", "load"]


def load(path: Path | None, environ: Mapping[str, str], *, reads_ports: bool = True, **options: str) -> Settings:
    """Return the settings in force (docs/design.md section 6).

    `path`: the file of `--config`; None: that of HANLOGGER_CONFIG, else the first in the usual folders. `environ`: an
    empty variable counts as not given. `reads_ports`: False for a command that works from the journal, so that a meter
    needs no port. `options`: named like the variables, `port="demo:"`.
    ConfigError: one line that says where, what was found and what is allowed.
    """
    layers = stack_layers(path, environ, {name.upper(): value for name, value in options.items()})
    if not reads_ports:
        layers.leave_out_ports()
    try:
        schema = Schema.model_validate(layers.tree)
    except ValidationError as error:
        raise explain(error, layers) from None
    return build_settings(schema, layers, environ)
