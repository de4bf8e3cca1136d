"""A comparison of hanlogger with other libraries: the CPU time for each message, for the same messages in one run.

    python benchmarks/run.py [DIALECT ...]

hanlogger does the whole work: octets, frame and checksum, exact values, line protocol. How far each other library goes
is shown beside it. Times of one run can be compared; those of two machines cannot.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from dlms_cosem.utils import parse_as_dlms_data
from dsmr_parser import telegram_specifications
from dsmr_parser.clients.telegram_buffer import TelegramBuffer
from dsmr_parser.parsers import TelegramParser
from han.autodecoder import AutoDecoder
from han.dlde import ModeDReader
from han.hdlc import HdlcFrameReader

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.messages import aidon_bodies, hdlc, telegrams
from hanlogger import simulate
from hanlogger.decoding import decode
from hanlogger.framing import Framer
from hanlogger.model import Chunk, Frame, Key, Meter
from hanlogger.points.encoder import encode
from hanlogger.points.timestamp import resolve_timestamp
from hanlogger.simulate import DIALECTS
from hanlogger.templates import Templates

ROUNDS = 7
NOW = datetime(2025, 1, 14, 14, 4, 11, tzinfo=UTC)
METER = Meter("home")
COUNT = 200
OURS = "octets to line protocol"
SPECIFICATIONS = (telegram_specifications.SWEDEN, telegram_specifications.V5)


class Runner(NamedTuple):
    """A library's way to read one message. read: returns a number above 0 if it has found anything."""

    name: str
    ends_with: str
    read: Callable[[bytes], int]


# --- hanlogger


class Ours:
    """A meter's messages on their way from octets to lines, as `hanlogger run` makes them."""

    def __init__(self, keys: Sequence[Key] = ()) -> None:
        self._framer, self._templates, self._keys = Framer(), Templates(), keys

    def read(self, data: bytes) -> int:
        """Return the number of lines of what the octets of a port complete."""
        return sum([self.encode(frame) for frame in self._framer.feed(Chunk(data, NOW)) if isinstance(frame, Frame)])

    def read_body(self, data: bytes) -> int:
        """Return the number of lines of an APDU without a frame."""
        return self.encode(Frame("dlms", data, NOW))

    def encode(self, frame: Frame) -> int:
        """Return the number of lines of a frame, made by a template where there is one."""
        filled = self._templates.find(frame, METER, self._keys)
        encoded = filled and filled.encode(resolve_timestamp(filled.reading, METER, NOW))
        return encoded[1] if encoded else self._encode_reading(frame)

    def _encode_reading(self, frame: Frame) -> int:
        reading = decode(frame, METER, self._keys)
        timestamp = resolve_timestamp(reading, METER, NOW)
        lines = encode(reading, METER, timestamp).lines
        self._templates.learn(frame, METER, self._keys, timestamp, lines)
        return len(lines)


def body_to_registers(data: bytes) -> int:
    return len(decode(Frame("dlms", data, NOW), METER).registers)


# --- other libraries


def dsmr_parser(specification: dict[str, Any]) -> Callable[[bytes], int]:
    parser, buffer = TelegramParser(specification), TelegramBuffer()

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


def simulated(dialect: str, count: int = COUNT) -> list[bytes]:
    """Return the octets of messages of a simulated meter, all of the kind that it sends most often."""
    start = datetime(2025, 1, 14, 12, 0, 3, tzinfo=UTC)
    sent = (octets for _, octets in simulate.simulate_telegrams(1, start, dialect))
    first = list(islice(sent, 50))
    usual, _ = Counter(map(len, first)).most_common(1)[0]
    return list(islice((octets for octets in chain(first, sent) if len(octets) == usual), count))


def compare_dialect(dialect: str) -> None:
    """Print the table of a dialect, beside the libraries that read it."""
    key = DIALECTS[dialect].key
    messages = simulated(dialect)
    runners = [Runner("hanlogger", OURS, Ours([key] if key else []).read)]
    if not key:
        runners += (
            [
                Runner("dsmr-parser", "octets to Python objects", dsmr_parser(SPECIFICATIONS[dialect == "dsmr5"])),
                Runner("amshan", "octets to a dict of floats", amshan(ModeDReader())),
            ]
            if dialect.startswith(("p1", "dsmr"))
            else [
                Runner("amshan", "octets to a dict of floats", amshan(HdlcFrameReader())),
            ]
        )
    compare(DIALECTS[dialect].title, messages, runners)


def compare_random() -> None:
    """Print tables of messages in which all numbers are random: no memory of numbers helps with them."""
    bodies = aidon_bodies()
    p1 = Runner("dsmr-parser", "octets to Python objects", dsmr_parser(SPECIFICATIONS[False]))
    compare("Swedish telegrams, random numbers", telegrams(), [Runner("hanlogger", OURS, Ours().read), p1])
    compare(
        "Swedish Aidon list, random numbers",
        list(map(hdlc, bodies)),
        [
            Runner("hanlogger", OURS, Ours().read),
            Runner("amshan", "octets to a dict of floats", amshan(HdlcFrameReader())),
        ],
    )
    compare(
        "Swedish Aidon list, random numbers, bare body",
        bodies,
        [
            Runner("hanlogger", "body to line protocol", Ours().read_body),
            Runner("hanlogger", "body to registers", body_to_registers),
            Runner("dlms-cosem", "body to Python lists, unscaled", dlms_cosem),
        ],
    )


def main() -> None:
    wanted = sys.argv[1:]
    if not wanted:
        compare_random()
    for dialect in wanted or DIALECTS:
        compare_dialect(dialect)


if __name__ == "__main__":
    main()
