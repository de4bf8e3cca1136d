"""`hanlogger doctor` and `hanlogger detect`, as they are called; and the texts."""

from __future__ import annotations

import json
import re
import string
import tomllib
from pathlib import Path

import pytest

from hanlogger import doctor
from hanlogger.config import load
from hanlogger.doctor import report
from hanlogger.doctor.language import load_texts
from hanlogger.language import LANGUAGES, Language, choose_language
from hanlogger.sources import LineSettings
from tests.support.doctoring import bridge, now_telegram
from tests.support.logger import call, command
from tests.support.telegrams import octets_of
from tests.support.wires import meter, wire

P1 = LineSettings(115200)
AIDON = LineSettings(2400, 8, "E")
HURRIED = ("--wait", "0.5", "--listen", "0.3")


def test_all_is_well_and_it_says_so(tmp_path: Path) -> None:
    with bridge(now_telegram) as url:
        done = command(tmp_path, "doctor", "--port", url, *HURRIED, "--lang", "en")
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("All is well.\n")
    assert "✓ home: telegrams come from socket://" in done.stdout


def test_what_is_wrong_is_told_in_the_language_of_the_locale(tmp_path: Path) -> None:
    done = call(tmp_path, "doctor", "--port", "/dev/ttyUSB77", environ={"LC_ALL": "sv_SE.UTF-8"})
    assert done.returncode == 1
    assert "/dev/ttyUSB77 finns inte" in done.stdout
    assert "Vad du gör" in done.stdout


def test_json_has_keys_facts_and_words(tmp_path: Path) -> None:
    done = call(tmp_path, "doctor", "--json", "--lang", "sv", "--port", "/dev/ttyUSB77")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["healthy"] is False
    last = told["findings"][-1]
    assert (last["key"], last["level"], last["about"]) == ("device-missing", "wrong", "home")
    assert last["facts"]["port"] == "/dev/ttyUSB77"
    assert last["do"]


@pytest.mark.parametrize("arguments", [("--lang", "fr"), ("--wait", "soon"), ("--nonsense",), ("--port", "ftp://x")])
def test_a_wrong_option_is_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert call(tmp_path, "doctor", *arguments).returncode == 2


def test_detect_prints_the_configuration_to_paste(tmp_path: Path, corpus: Path) -> None:
    with meter(octets_of(corpus, "kaifa-ma304h4-no-list1"), AIDON) as (end, _):
        done = command(tmp_path, "detect", end.device, "--listen", "1")
    assert done.returncode == 0, done.stderr
    assert "115200 8N1: " in done.stderr
    assert tomllib.loads(done.stdout) == {"meter": [{"name": "home", "port": end.device, "serial": "2400 8E1"}]}
    (tmp_path / "hanlogger.toml").write_text(done.stdout)
    (port,) = load(tmp_path / "hanlogger.toml", {}).ports
    assert port.line == AIDON


def test_detect_has_no_settings_to_find_behind_a_bridge(tmp_path: Path) -> None:
    with bridge(now_telegram) as url:
        done = call(tmp_path, "detect", url, "--listen", "1")
    assert tomllib.loads(done.stdout) == {"meter": [{"name": "home", "port": url}]}


def test_detect_says_what_the_octets_look_like_where_nothing_is_found(tmp_path: Path) -> None:
    with wire() as end:
        arguments = ("detect", end.device, "--listen", "0.1")
        done = call(tmp_path, *arguments, environ={"LANG": "sv_SE.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""})
        english = call(tmp_path, *arguments, "--lang", "en", environ={"LC_ALL": "sv_SE.UTF-8"})
    assert done.returncode == english.returncode == 1
    assert "inte ett enda tecken" in done.stdout
    assert "not one octet came" in english.stdout


def test_detect_names_the_key_that_is_missing(tmp_path: Path, corpus: Path) -> None:
    with bridge(octets_of(corpus, "netz-noe-at-mbus-encrypted-doc-example")) as url:
        done = call(tmp_path, "detect", url, "--listen", "1")
    assert "# key_file = " in done.stdout


@pytest.mark.parametrize("url", ["demo:", "file:x", "-", "ftp://x"])
def test_detect_refuses_what_is_no_line(tmp_path: Path, url: str) -> None:
    assert call(tmp_path, "detect", "--", url).returncode == 2


# --- the texts


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "sv_SE.UTF-8"}, "sv"),
        ({"LANG": "sv_SE.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "sv_FI", "LANG": "C"}, "sv"),
        ({}, "en"),
    ],
)
def test_the_locale_says_the_language(environ: dict[str, str], language: str) -> None:
    assert choose_language(environ) == language


def fields(text: object) -> set[str]:
    words = text if isinstance(text, str) else " ".join(text) if isinstance(text, list) else ""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def findings() -> dict[str, dict[str, object]]:
    return {key: text for key, text in load_texts("en").items() if key not in ("common", "words")}


@pytest.mark.parametrize(
    ("language", "seconds", "words"),
    [
        ("en", 1, "listens to x (y) for up to 1 second …"),
        ("en", 2, "listens to x (y) for up to 2 seconds …"),
        ("sv", 1, "lyssnar på x (y) i högst 1 sekund …"),
        ("sv", 15, "lyssnar på x (y) i högst 15 sekunder …"),
    ],
)
def test_a_number_is_followed_by_the_word_that_fits_it(language: Language, seconds: int, words: str) -> None:
    assert report.get_phrase(language, "listening", {"port": "x", "line": "y", "seconds": seconds}) == words


def test_no_word_of_many_stands_behind_a_number_that_may_be_one() -> None:
    many = re.compile(r"\{(?!whole)[a-z]+\} (telegrams|octets|seconds|registers|sekunder)\b")
    assert many.findall(json.dumps([*map(load_texts, LANGUAGES)])) == []


def test_both_languages_tell_the_same() -> None:
    english, swedish = load_texts("en"), load_texts("sv")
    assert list(english) == list(swedish)
    for key in english:
        facts = [
            set().union(*(fields(part) for part in told[key].values())) - set(english["common"])
            for told in (english, swedish)
        ]
        assert facts[0] == facts[1], key
        assert list(english[key]) == list(swedish[key]), key


def test_every_finding_has_words_and_every_word_a_finding() -> None:
    """By the source: keys are whole words in it, but for those of symptoms."""
    folder = Path(doctor.__file__).parent
    source = "\n".join(file.read_text() for file in folder.glob("*.py"))
    used = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"', source))
    symptoms = {f"line-{name.replace(' ', '-')}" for name in re.findall(r'^    "([a-z ]+)",$', source, re.MULTILINE)}
    scales = {key for key in findings() if re.fullmatch("scale-(energy|current|voltage)-(large|small|stated)", key)}
    assert set(findings()) - used - symptoms - scales == set()
    assert {key for key in used if key.startswith(("device-", "database-", "grafana-", "clock-", "silent-"))} <= set(
        findings()
    )


def test_what_is_wrong_is_told_with_its_meaning_and_what_to_do() -> None:
    for language in LANGUAGES:
        for key, told in load_texts(language).items():
            if (
                key.startswith(("line-", "silent-", "database-", "device-", "key-", "clock-hours", "grafana-"))
                and "means" in told
            ):
                assert told["do"], key
