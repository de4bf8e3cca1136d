"""The preview of the boards' layout: every panel is on it, to scale, folded ones as if they were open."""

from __future__ import annotations

import re

from hanlogger.boards.board import list_panels
from hanlogger.boards.provisioning import make_boards
from hanlogger.boards.settings import BoardSettings
from tools.board_preview import WIDTH, draw

BOX = re.compile(r"<div class='?panel[^>]*style='left:(\d+)px;top:(\d+)px;width:(\d+)px;height:(\d+)px'>")


def test_every_panel_is_drawn_once_and_none_over_another() -> None:
    settings = BoardSettings()
    for board, page in zip(make_boards(settings), draw(settings).split("<h2>")[1:], strict=True):
        boxes = [[int(number) for number in found.groups()] for found in BOX.finditer(page)]
        assert len(boxes) == len(list_panels(board)) + sum(panel["type"] == "row" for panel in board.panels)
        corners = [(left, top, left + width, top + height) for left, top, width, height in boxes]
        for number, one in enumerate(corners):
            assert one[2] <= WIDTH
            for other in corners[number + 1 :]:
                assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
