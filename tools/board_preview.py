"""Draw the layout of the boards to scale, as one page: titles, units, sizes and rows, folded rows as if they were open.

    python -m tools.board_preview build/boards.html

It is no Grafana: it shows where a panel stands, whether its title fits, and what stands on the first screen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from hanlogger.boards.board import render_board
from hanlogger.boards.panels import COLUMNS, Json
from hanlogger.boards.provisioning import make_boards
from hanlogger.boards.settings import BoardSettings

LINE, GAP = 38, 8  # px: Grafana's height of a line of the grid with the gap, and the gap
WIDTH, FIRST_SCREEN = 1400, 900  # px
STYLE = """
body { font: 14px sans-serif; background: #f4f5f5; width: 1400px; margin: 1em auto }
.board { position: relative; margin-bottom: 3em }
.panel { position: absolute; box-sizing: border-box; background: #fff; border: 1px solid #ccc; padding: 6px;
         overflow: hidden }
.panel b { white-space: nowrap } .panel i { color: #777; display: block }
.row { background: #dde3ea } .screen { position: absolute; width: 100%; border-top: 2px dashed #c33 }
"""


def draw(settings: BoardSettings) -> str:
    """Return the page; a dashed line ends the first screen of 900 px."""
    parts = [f"<!doctype html><meta charset=utf-8><title>boards</title><style>{STYLE}</style>"]
    for board in make_boards(settings):
        tree = render_board(board, settings)
        lines, boxes = _draw_panels(tree["panels"])
        parts.append(f"<h2>{escape(tree['title'])}</h2><div class=board style='height:{lines * LINE}px'>")
        parts += [*boxes, f"<div class=screen style='top:{FIRST_SCREEN}px'></div></div>"]
    return "\n".join(parts)


def _draw_panels(panels: list[Json]) -> tuple[int, list[str]]:
    """Return the number of lines of the grid, and a box for each panel."""
    boxes, opened = [], 0
    bottom = 0
    for panel in panels:
        boxes.append(_draw(panel, opened))
        bottom = max(bottom, opened + panel["gridPos"]["y"] + panel["gridPos"]["h"])
        inside = panel.get("panels", [])
        boxes += [_draw(one, opened) for one in inside]
        row = panel["gridPos"]["y"] + 1
        opened += max((one["gridPos"]["y"] + one["gridPos"]["h"] - row for one in inside), default=0)
        bottom = max(bottom, opened + row)
    return bottom, boxes


def _draw(panel: Json, opened: int) -> str:
    place, column = panel["gridPos"], WIDTH / COLUMNS
    box = {
        "left": place["x"] * column,
        "top": (place["y"] + opened) * LINE,
        "width": place["w"] * column - GAP,
        "height": place["h"] * LINE - GAP,
    }
    style = ";".join(f"{key}:{value:.0f}px" for key, value in box.items())
    if panel["type"] == "row":
        return f"<div class='panel row' style='{style}'>&#9656; {escape(panel['title'])}</div>"
    said = (panel["type"], panel["fieldConfig"]["defaults"]["unit"], *_own_range(panel))
    return f"<div class=panel style='{style}'><b>{escape(panel['title'])}</b><i>{escape(' · '.join(said))}</i></div>"


def _own_range(panel: Json) -> Iterator[str]:
    if "timeFrom" in panel:
        yield f"from {panel['timeFrom']}"
    if "timeShift" in panel:
        yield f"{panel['timeShift']} earlier"


def main() -> None:
    """Write the page to the path that is given."""
    place = Path(sys.argv[1])
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(draw(BoardSettings()), encoding="utf-8")
    print(place)


if __name__ == "__main__":
    main()
