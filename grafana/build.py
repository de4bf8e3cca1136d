"""Write the boards and Grafana's provisioning files of the default configuration beside this script.

`hanlogger grafana provision` writes the same with a user's own settings.
"""

from __future__ import annotations

from pathlib import Path

from hanlogger.boards.provisioning import (
    BOARDS,
    IN_COMPOSE,
    Files,
    make_board_files,
    make_rule_files,
    make_source_files,
    write,
)
from hanlogger.boards.settings import BoardSettings, DataSource, RuleSettings

HERE = Path(__file__).parent


def build() -> Files:
    """Return the files to be committed, by their paths in this folder."""
    boards = {
        Path("dashboards") / path.relative_to(BOARDS): text for path, text in make_board_files(BoardSettings()).items()
    }
    others = {**make_source_files(DataSource(), IN_COMPOSE), **make_rule_files(RuleSettings())}
    return boards | {Path("provisioning") / path: text for path, text in others.items()}


if __name__ == "__main__":
    write(build(), HERE)
