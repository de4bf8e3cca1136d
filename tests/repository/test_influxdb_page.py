"""The queries of docs/influxdb.md are those of the boards, so that the page cannot tell of queries that are gone."""

from __future__ import annotations

import re
from pathlib import Path

from hanlogger.boards.board import list_panels
from hanlogger.boards.provisioning import make_boards
from hanlogger.boards.settings import BoardSettings

PAGE = Path(__file__).parents[2] / "docs" / "influxdb.md"


def told() -> list[str]:
    """Each query of the page on one line; a line that is not indented begins one."""
    blocks = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\n  ", " ").splitlines()
    return [re.sub(r" +", " ", line) for line in lines]


def test_every_query_of_the_page_is_one_of_a_board() -> None:
    asked = {
        target["query"]
        for board in make_boards(BoardSettings())
        for panel in list_panels(board)
        for target in panel["targets"]
        if "query" in target
    }
    assert len(told()) == 8
    assert set(told()) <= asked
