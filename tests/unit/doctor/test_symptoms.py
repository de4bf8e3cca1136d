"""What is told from octets that hold no message. The line is a model of a UART, or a recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hanlogger.doctor.symptoms import find_symptom
from hanlogger.sources import LineSettings
from tests.support.octets import with_checksum
from tests.support.uart import through

P1 = LineSettings(115200)
AIDON = LineSettings(2400, 8, "E")
KAMSTRUP = LineSettings(2400)
SEVEN = LineSettings(9600, 7, "E")

TELEGRAM = (
    b"/TST5SYNTH-0001\r\n\r\n0-0:1.0.0(250114150410W)\r\n1-0:1.8.0(00001234.567*kWh)\r\n1-0:2.8.0(00000000.000*kWh)\r\n"
    b"1-0:1.7.0(0001.234*kW)\r\n1-0:2.7.0(0000.000*kW)\r\n1-0:32.7.0(230.1*V)\r\n1-0:52.7.0(231.0*V)\r\n"
    b"1-0:31.7.0(001.7*A)\r\n!"
)


GOOD = with_checksum(TELEGRAM)


def octets_of(corpus: Path, name: str) -> bytes:
    return bytes.fromhex((corpus / f"{name}.hex").read_text())


@pytest.fixture
def aidon(corpus: Path) -> bytes:
    return octets_of(corpus, "aidon-6534-no-list2-3phase-tn")


@pytest.fixture
def kamstrup(corpus: Path) -> bytes:
    return octets_of(corpus, "kamstrup-no-list1-3phase-2018")


@pytest.fixture
def efs(corpus: Path) -> bytes:
    return octets_of(corpus, "aidon-se-list27-tekniska-verken-doc")


def test_a_swedish_port_without_an_inverter_is_told_by_the_text_beneath() -> None:
    assert find_symptom(through(GOOD, P1, P1, inverted=True)) == "inverted"


def test_an_inverted_binary_line_is_told_by_its_ones(efs: bytes, aidon: bytes) -> None:
    assert find_symptom(through(efs, P1, P1, inverted=True)) == "inverted"
    assert find_symptom(through(aidon, AIDON, AIDON, inverted=True)) == "inverted"


def test_an_inverted_line_as_users_report_it_is_told() -> None:
    assert find_symptom(bytes.fromhex("00 f8 ff 00 00 f8 ff ff") * 20) == "inverted"
    assert find_symptom(bytes(octet ^ 0xFF for octet in GOOD)) == "inverted"


@pytest.mark.parametrize("speed", [9600, 115200])
def test_a_port_that_is_faster_than_the_meter_is_told(aidon: bytes, kamstrup: bytes, speed: int) -> None:
    assert find_symptom(through(aidon, AIDON, LineSettings(speed))) == "port too fast"
    assert find_symptom(through(kamstrup, KAMSTRUP, LineSettings(speed))) == "port too fast"


@pytest.mark.parametrize("taken", [LineSettings(2400, 8, "E"), LineSettings(2400), LineSettings(9600)])
def test_a_port_that_is_slower_than_the_meter_is_told(taken: LineSettings, efs: bytes) -> None:
    assert find_symptom(through(GOOD, P1, taken) * 3) == "wrong speed"
    assert find_symptom(through(efs, P1, taken) * 3) == "wrong speed"


def test_a_kamstrup_read_with_parity_is_told(kamstrup: bytes) -> None:
    assert find_symptom(through(kamstrup, KAMSTRUP, AIDON)) == "wrong speed"


def test_seven_bits_at_the_wrong_speed_are_told() -> None:
    assert find_symptom(through(GOOD, SEVEN, AIDON)) == "wrong speed"
    assert find_symptom(through(GOOD, SEVEN, P1)) == "port too fast"


def test_seven_bits_with_odd_parity_are_told() -> None:
    odd = bytes(octet | 0x80 * (1 - octet.bit_count() % 2) for octet in GOOD)
    assert find_symptom(odd) == "seven bits"


def test_a_bridge_that_cuts_the_eighth_bit_is_told(aidon: bytes) -> None:
    assert find_symptom(bytes(octet & 0x7F for octet in aidon)) == "eighth bit cut"


LINE_ENDS: dict[str, Callable[[bytes], bytes]] = {
    "CR LF becomes LF": lambda octets: octets.replace(b"\r\n", b"\n"),
    "CR becomes LF": lambda octets: octets.replace(b"\r", b"\n"),
    "LF becomes CR LF": lambda octets: octets.replace(b"\n", b"\r\n"),
    "LF is lost": lambda octets: octets.replace(b"\n", b""),
}


@pytest.mark.parametrize("rewrite", LINE_ENDS.values(), ids=LINE_ENDS)
def test_a_bridge_that_rewrites_the_line_ends_of_a_telegram_is_told(rewrite: Callable[[bytes], bytes]) -> None:
    assert find_symptom(rewrite(GOOD) * 2) == "line ends"


def test_a_bridge_that_puts_cr_before_lf_in_binary_frames_is_told(aidon: bytes) -> None:
    assert find_symptom(aidon.replace(b"\n", b"\r\n") + b"\r\n") == "line ends"


@pytest.mark.parametrize("name", ["bad-aidon-no-crlf-translated-10s", "bad-aidon-no-crlf-translated-hourly"])
def test_the_recorded_bridge_that_rewrites_line_ends_is_told(corpus: Path, name: str) -> None:
    assert find_symptom(octets_of(corpus, name)) == "line ends"


def test_octets_sent_as_hex_text_are_told(aidon: bytes) -> None:
    assert find_symptom(aidon.hex().encode()) == "hex text"
    assert find_symptom(b"E\r\n" + aidon.hex(" ").upper().encode() + b"\r\n" + aidon.hex(" ").encode()) == "hex text"


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"\xff\xfb\x01\xff\xfb\x03",
        b'{"power": 1}',
    ],
)
def test_a_port_number_of_another_service_is_told(octets: bytes) -> None:
    assert find_symptom(octets) == "another service"


def test_a_kamstrup_module_without_its_five_volts_is_told() -> None:
    assert find_symptom(b"/KAM5\r\n\r\n" * 3) == "identification only"


def test_a_line_that_nobody_drives_is_told() -> None:
    assert find_symptom(bytes.fromhex("00 ff 00 fe 00 ff")) == "floating"


@pytest.mark.parametrize("name", ["bad-iskra-am550-se-p1-lost-bytes", "bad-landisgyr-e360-nl-p1-bit-errors"])
def test_text_that_loses_octets_is_told(corpus: Path, name: str) -> None:
    assert find_symptom((corpus / f"{name}.p1").read_bytes()) == "octets lost"


def test_nothing_is_found_in_nothing() -> None:
    assert find_symptom(b"") == "wrong speed"
