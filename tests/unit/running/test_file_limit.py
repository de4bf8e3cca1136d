"""The limit of open files follows the number of ports, in a process of its own: it cannot be raised back in another."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import logging, resource
from hanlogger.running.file_limit import allow_files
logging.basicConfig(format="%(message)s")
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
allow_files({ports})
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def limits(soft: int, hard: int, ports: int) -> tuple[str, str]:
    program = PROGRAM.format(soft=soft, hard=hard, ports=ports)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip(), done.stderr.strip()


def test_a_limit_that_is_enough_stays_as_it_is() -> None:
    assert limits(400, 1000, 200) == ("400 1000", "")


def test_it_is_raised_as_far_as_many_ports_need() -> None:
    assert limits(256, 1000, 200) == ("400 1000", "")


def test_a_system_that_allows_fewer_is_told_with_what_to_do() -> None:
    after, said = limits(256, 300, 200)
    assert after == "300 300"
    assert said.startswith(
        "200 ports need about 400 open files, and this system allows 300: raise the limit (ulimit -n"
    )
