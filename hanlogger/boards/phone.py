"""The board for a phone: what one wants to know on the way, each panel as wide as the screen."""

from __future__ import annotations

from hanlogger.boards.board import Board
from hanlogger.boards.energy import draw_days
from hanlogger.boards.energy_sums import THIS_MONTH, TODAY, YESTERDAY, draw_export_sum, draw_import_sum
from hanlogger.boards.live import draw_power_now
from hanlogger.boards.live_power import draw_import_above_export_below
from hanlogger.boards.panels import COLUMNS, sized
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.silence import draw_since_last_telegram
from hanlogger.language import Text


def make_phone_board(settings: BoardSettings) -> Board:
    """Return the board, for users who look at it on a phone."""
    numbers = (
        draw_power_now(),
        draw_import_sum(TODAY),
        draw_export_sum(TODAY),
        draw_import_sum(YESTERDAY),
        draw_import_sum(THIS_MONTH),
        draw_since_last_telegram(),
    )
    return Board(
        file="phone",
        title=Text("On the phone", "I mobilen"),
        description=Text(
            "Power now, today's and the month's energy, one below the other.",
            "Effekt nu, dagens och månadens energi, under varandra.",
        ),
        since="now-24h",
        refresh="30s",
        panels=[
            *(sized(panel, COLUMNS, 4) for panel in numbers),
            sized(draw_import_above_export_below(), COLUMNS, 9),
            sized(draw_days(settings, since="now-6d/d"), COLUMNS, 9),
        ],
    )
