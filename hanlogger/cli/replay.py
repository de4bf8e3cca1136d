"""`hanlogger replay`: a recording is played as the meter sent it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from hanlogger.cli.shared.options import DAY
from hanlogger.cli.shared.playing import Link, Playback, Speed, Tcp, check_speed, open_output, play_to
from hanlogger.cli.shared.terminal import tell
from hanlogger.errors import ConfigError
from hanlogger.humanize import format_count, inflect, inflect_be
from hanlogger.model import Chunk
from hanlogger.recordings.replay import load, shift_clocks


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A capture, raw octets or hex text.")],
    speed: Speed = 1.0,
    now: Annotated[bool, typer.Option("--now", help="Move the clocks in the messages to the time of playing.")] = False,
    pty: Link = None,
    tcp: Tcp = None,
    interval: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0, callback=DAY, help="Between the messages of a file that states no times."
        ),
    ] = 10.0,
) -> None:
    """Play what was recorded as the meter sent it, to a pseudo-terminal or a TCP port.

    It begins when somebody listens. With --now, times in logs and of maxima stay, and so do the clocks of messages that
    are enciphered.
    """
    if not check_speed(speed) and now:
        raise ConfigError("--now cannot be reached as fast as possible: give a --speed above 0")
    chunks = load(file, interval=timedelta(seconds=interval)).chunks
    length = (chunks[-1].received_at - chunks[0].received_at).total_seconds()
    begin = chunks[0].received_at
    play_to(
        open_output(pty, tcp), lambda: Playback(begin, _move_to_now(chunks, speed) if now else chunks), speed, length
    )


def _move_to_now(chunks: Sequence[Chunk], speed: float) -> Sequence[Chunk]:
    moved = shift_clocks(chunks, datetime.now(UTC), speed)
    clocks = inflect(moved.moved, "clock", "clocks")
    parts = [f"the {clocks} of {format_count(moved.moved, 'message')} {inflect_be(moved.moved)} moved to now"]
    if moved.without:
        parts.append(f"{moved.without} {inflect(moved.without, 'has', 'have')} none")
    if moved.unreadable:
        whose = inflect(moved.unreadable, "keeps its own: it is", "keep theirs: they are")
        parts.append(f"{moved.unreadable} {whose} enciphered, or cannot be decoded")
    tell("; ".join(parts))
    return moved.chunks
