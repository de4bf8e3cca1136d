"""No secret is in the repository: what looks like one fails here, and is to be revoked, not only removed."""

from __future__ import annotations

import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATTERNS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an InfluxDB token": re.compile(r"[A-Za-z0-9_-]{86}=="),
    "a Grafana token": re.compile(r"\bgl(?:sa|c)_[A-Za-z0-9_=]{20,}"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,})"),
    "a PyPI token": re.compile(r"\bpypi-[A-Za-z0-9_-]{50,}"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a JSON web token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."),
    "a password in an address": re.compile(r"\b[a-z]{3,10}://[^\s/:@$%{}<>\"']+:[^\s/:@$%{}<>\"'…]{6,}@"),
}
GIVEN = re.compile(r"""(?i)(?:pass(?:word|wd)?|secret|token|api_?key)["']?\s*[=:]\s*["']([^"'\s{}$<>…]{12,})["']""")
CHOSEN_BY_PEOPLE = 3.7  # bits of entropy for each character; above it is made by a machine
FILES = re.compile(r"(?:^|/)(?:\.env|.*\.(?:key|pem|p12|pfx|kdbx)|id_(?:rsa|ed25519|ecdsa))$")


def entropy(text: str) -> float:
    """Bits for each character (Shannon)."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def secrets_in(text: str) -> Iterator[str]:
    for name, pattern in PATTERNS.items():
        yield from (f"{name}: {match[0][:12]}…" for match in pattern.finditer(text))
    for match in GIVEN.finditer(text):
        if entropy(match[1]) > CHOSEN_BY_PEOPLE and "throw-away" not in match[1]:
            yield f"a secret: {match[1][:6]}…"


def tracked() -> list[str]:
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git repository to look through")
    return [name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_file_of_the_repository_has_a_secret() -> None:
    found = []
    for name in tracked():
        text = (ROOT / name).read_bytes().decode("utf-8", "replace")
        found += [f"{name}: {secret}" for secret in secrets_in(text)]
    assert found == []


def test_no_file_of_the_repository_is_one_that_holds_secrets() -> None:
    assert [name for name in tracked() if FILES.search(name)] == []


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN EC PRIVATE" + " KEY-----",
        "Zk3" * 28 + "ab" + "==",
        "gl" + "sa_" + "HOruNAb7SOiCdshU7algkrq7F" + "DsNSLAa_55e2f8be",
        "gh" + "p_" + "a1B2" * 9,
        "AKIA" + "IOSFODNN7EXAMPLE",
        "https://anna:" + "hunter2hunter2@example.org/",
        "pass" + 'word = "tR7#kP9xLq2vZ"',
        '"to' + 'ken": "9fQ2-xZ81_kLmN0pRs"',
    ],
)
def test_a_secret_is_found(secret: str) -> None:
    assert list(secrets_in(f"line\n{secret}\nline"))


def test_what_people_write_in_its_place_is_none() -> None:
    text = 'token = "throw-away-token"\npassword: "${PASSWORD_FROM_ENV}"\nhttps://user:…@host\nInfluxdb(token=token)\n'
    assert list(secrets_in(text)) == []
