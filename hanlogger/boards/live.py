"""The live board: the present power, today's energy, and the power of the last hours."""

from __future__ import annotations

from collections.abc import Iterator

from hanlogger.boards.board import Board
from hanlogger.boards.energy_sums import THIS_MONTH, TODAY, YESTERDAY, draw_export_sum, draw_import_sum
from hanlogger.boards.fragments import NOW, base_load, by, power, select, signed
from hanlogger.boards.live_power import draw_power
from hanlogger.boards.panel_types import gauge, stat
from hanlogger.boards.panels import BLUE, GREEN, NOT_HEARD, RED, YELLOW, Json, target
from hanlogger.boards.settings import BoardSettings
from hanlogger.boards.silence import draw_since_last_telegram
from hanlogger.boards.text import describe
from hanlogger.language import Text

SIGNED = ((None, GREEN), (0, BLUE), (3_000, YELLOW), (7_000, "orange"), (11_000, RED))  # W


def make_live_board(settings: BoardSettings) -> Board:
    """Return the board, for users who keep it open all day."""
    return Board(
        file="live",
        title=Text("Live", "Just nu"),
        description=Text(
            "What the house takes from the grid and delivers to it now. The graphs are empty where no telegram came.",
            "Vad huset tar från nätet och matar in på det just nu. Diagrammen är tomma där inga telegram kom.",
        ),
        since="now-6h",
        refresh="10s",
        panels=[*_draw_answers(settings), *draw_power(settings)],
    )


def _draw_answers(settings: BoardSettings) -> Iterator[Json]:
    yield draw_power_now()
    yield _draw_share_of_main_fuse(settings)
    yield draw_import_sum(TODAY)
    yield draw_export_sum(TODAY)
    yield draw_import_sum(YESTERDAY)
    yield draw_import_sum(THIS_MONTH)
    yield _draw_base_load_24_h()
    yield draw_since_last_telegram()


def draw_power_now() -> Json:
    """Return the panel of the present net power."""
    return stat(
        Text("Now", "Effekt nu"),
        describe(
            Text(
                "Import less export in the newest telegram of the last 5 minutes. "
                "Below zero the house delivers to the grid.",
                "Uttag minus inmatning i det nyaste telegrammet av de senaste 5 minuterna. "
                "Under noll matar huset in på nätet.",
            ),
            "1-0:1.7.0",
            "1-0:2.7.0",
        ),
        [target(select('sum("v")', signed("last", NOW, by("meter")), by("meter")))],
        unit="watt",
        steps=SIGNED,
        fill=True,
        no_value=NOT_HEARD,
    )


def _draw_share_of_main_fuse(settings: BoardSettings) -> Json:
    watts = settings.watts_per_ampere
    return gauge(
        Text("Of the main fuse", "Av huvudsäkringen"),
        describe(
            Text(
                f"Import over the last 5 minutes as a part of what the main fuse carries with all phases full "
                f"({watts:g} W per ampere). A single phase can be full earlier: see the board on current.",
                f"Uttag under de senaste 5 minuterna som andel av vad huvudsäkringen bär med alla faser fulla "
                f"({watts:g} W per ampere). En enskild fas kan bli full tidigare: se tavlan om ström.",
            ),
            "1-0:1.7.0",
        ),
        [target(select(f'mean("value") / ({watts:g} * $fuse)', power("import"), NOW, by("meter")))],
        unit="percentunit",
        steps=((None, GREEN), (0.7, YELLOW), (0.9, RED)),
        min=0,
        max=1,
    )


def _draw_base_load_24_h() -> Json:
    return stat(
        Text("Base load, 24 h", "Grundlast, 24 h"),
        describe(
            Text(
                "Four fifths of the last day's 10-minute means were higher: this load always runs. "
                "Times in which the house delivers to the grid are left out, as they hide that load.",
                "Fyra femtedelar av det senaste dygnets 10-minutersmedel var högre: den lasten går alltid. "
                "Tider då huset matar in på nätet räknas inte, för de döljer den.",
            ),
            "1-0:1.7.0",
        ),
        [target(base_load(by("meter")))],
        unit="watt",
        steps=((None, BLUE),),
        since="24h",
        range_in_title=True,
    )
