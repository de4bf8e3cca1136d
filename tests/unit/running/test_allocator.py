"""How the C library keeps memory, looked at in a process of its own."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from hanlogger.running import allocator

LOOK = """
import ctypes, runpy, sys, threading

if sys.argv[2:]:
    runpy.run_path(sys.argv[2])["share_memory"]()
together = threading.Barrier(4)
threads = [threading.Thread(target=lambda: (bytearray(5000), together.wait())) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
told = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, told)
libc.fclose(told)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the C library is not glibc")
def test_threads_take_memory_from_one_place(tmp_path: Path) -> None:
    places = []
    for by in ((), (allocator.__file__,)):
        subprocess.run([sys.executable, "-c", LOOK, str(tmp_path / "told"), *by], check=True)
        places.append((tmp_path / "told").read_text().count("<heap nr="))
    assert places[0] > places[1] == 1


def test_a_c_library_that_cannot_be_told_goes_on_as_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    allocator.share_memory()
