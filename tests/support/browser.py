"""A real Chromium without a screen, and axe-core, which finds what people with disabilities could not use."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

AXE = "axe-core@4.14.1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def browser(language: str = "en") -> Iterator[webdriver.Chrome]:
    """A window; skips where there is no Chromium with its driver."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no Chromium with its driver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{argument}")
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield window
    finally:
        window.quit()


def shape(window: webdriver.Chrome, width: int = 1440, *, dark: bool = False) -> None:
    """Give a window this width, and the colours that its user prefers."""
    mode = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [mode]})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def fetch_axe(folder: Path) -> str:
    """The script of axe-core; skips where npm does not give it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm, which axe-core comes from")
    done = subprocess.run([npm, "pack", "--silent", AXE], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm does not give {AXE}: {done.stderr.strip()[-200:]}")
    with tarfile.open(folder / done.stdout.strip().splitlines()[-1]) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


def find_violations(window: webdriver.Chrome, axe: str) -> list[dict[str, Any]]:
    """What axe-core finds on the page that is shown, of those that keep people out."""
    window.execute_script(axe)
    found = window.execute_async_script("axe.run().then(found => arguments[0](JSON.stringify(found.violations)))")
    return [one for one in json.loads(found) if one["impact"] in ("serious", "critical", "moderate")]
