"""A comparison of hanlogger with other libraries: the CPU time for each message, for the same messages in one run.

    python benchmarks/run.py

hanlogger does the whole work: octets, frame and checksum, registers with exact decimals, points, line protocol. How far
each other library goes is shown beside it. Times of one run can be compared; those of two machines cannot.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from dlms_cosem.utils import parse_as_dlms_data
from dsmr_parser import telegram_specifications
from dsmr_parser.clients.telegram_buffer import TelegramBuffer
from dsmr_parser.parsers import TelegramParser
from han.autodecoder import AutoDecoder
from han.dlde import ModeDReader
from han.hdlc import HdlcFrameReader

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.messages import aidon_bodies, hdlc, telegrams
from hanlogger.decoding import decode
from hanlogger.framing import Framer
from hanlogger.model import Chunk, Frame, Meter
from hanlogger.points.encoder import encode
from hanlogger.points.timestamp import resolve_timestamp

ROUNDS = 7
NOW = datetime(2025, 1, 14, 14, 4, 11, tzinfo=UTC)
METER = Meter("home")


class Runner(NamedTuple):
    """A library's way to read one message. read: returns a number above 0 if it has found anything."""

    name: str
    ends_with: str
    read: Callable[[bytes], int]


# --- hanlogger


def to_line_protocol() -> Callable[[bytes], int]:
    framer = Framer()

    def read(data: bytes) -> int:
        return sum([len(_lines(frame)) for frame in framer.feed(Chunk(data, NOW)) if isinstance(frame, Frame)])

    return read


def body_to_line_protocol(data: bytes) -> int:
    return len(_lines(Frame("dlms", data, NOW)))


def _lines(frame: Frame) -> list[bytes]:
    reading = decode(frame, METER)
    return encode(reading, METER, resolve_timestamp(reading, METER, NOW)).lines


def body_to_registers(data: bytes) -> int:
    return len(decode(Frame("dlms", data, NOW), METER).registers)


# --- other libraries


def dsmr_parser() -> Callable[[bytes], int]:
    parser, buffer = TelegramParser(telegram_specifications.SWEDEN), TelegramBuffer()

    def read(data: bytes) -> int:
        buffer.append(data.decode("ascii"))
        return sum(len(parser.parse(telegram)) for telegram in buffer.get_all())

    return read


def amshan(reader: ModeDReader | HdlcFrameReader) -> Callable[[bytes], int]:
    decoder = AutoDecoder()

    def read(data: bytes) -> int:
        return sum(len(decoder.decode_message(message) or ()) for message in reader.read(data))

    return read


def dlms_cosem(data: bytes) -> int:
    return len(parse_as_dlms_data(data))


# --- the comparison


def costs_of(runners: list[Runner], messages: list[bytes]) -> list[float]:
    """Return the microseconds of CPU time for a message, each runner's best of several rounds.

    The runners take turns, so that a disturbance of the machine concerns them all.
    """
    rounds = [[cost(runner, messages) for runner in runners] for _ in range(ROUNDS)]
    return [min(costs) for costs in zip(*rounds, strict=True)]


def cost(runner: Runner, messages: list[bytes]) -> float:
    """Return the microseconds of CPU time for a message in one round."""
    start = time.process_time()
    for message in messages:
        if not runner.read(message):
            raise SystemExit(f"{runner.name} gave nothing")
    return (time.process_time() - start) / len(messages) * 1e6


def compare(title: str, messages: list[bytes], runners: list[Runner]) -> None:
    """Print a table of the costs, compared with those of the first runner, which is hanlogger."""
    costs = costs_of(runners, messages)
    print(f"\n{title}: {len(messages)} different messages of {len(messages[0])} octets")
    for runner, microseconds in zip(runners, costs, strict=True):
        ratio = "" if runner is runners[0] else f"{microseconds / costs[0]:6.1f} times ours"
        print(f"  {runner.name:14} {runner.ends_with:34} {microseconds:8.1f} µs  {ratio}")


def main() -> None:
    bodies = aidon_bodies()
    ours = "octets to line protocol"
    compare(
        "Swedish telegram",
        telegrams(),
        [
            Runner("hanlogger", ours, to_line_protocol()),
            Runner("dsmr-parser", "octets to Python objects", dsmr_parser()),
            Runner("amshan", "octets to a dict of floats", amshan(ModeDReader())),
        ],
    )
    compare(
        "Swedish Aidon list in HDLC",
        list(map(hdlc, bodies)),
        [
            Runner("hanlogger", ours, to_line_protocol()),
            Runner("amshan", "octets to a dict of floats", amshan(HdlcFrameReader())),
        ],
    )
    compare(
        "Swedish Aidon list, bare body",
        bodies,
        [
            Runner("hanlogger", "body to line protocol", body_to_line_protocol),
            Runner("hanlogger", "body to registers", body_to_registers),
            Runner("dlms-cosem", "body to Python lists, unscaled", dlms_cosem),
        ],
    )


if __name__ == "__main__":
    main()
