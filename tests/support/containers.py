"""Containers for tests: whether an engine answers, and has, or can pull, an image."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache

PULLING = 900.0  # seconds: images of hundreds of megabytes over a slow line


def done(*command: str) -> bool:
    """Tell whether a command that is here ends with exit status 0."""
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, check=False, timeout=PULLING).returncode == 0
    )


@cache
def answers() -> bool:
    """Tell whether a container engine answers."""
    return done("docker", "info")


@cache
def can_be_had(image: str) -> bool:
    """Tell whether the engine has an image, which it is made to pull where it has not."""
    return done("docker", "image", "inspect", image) or done("docker", "pull", "--quiet", image)


def why_no_container(image: str) -> str | None:
    """Why no container of an image can be started here, in words for a skipped test; None where one can."""
    if not answers():
        return "no container engine answers"
    from testcontainers.core.config import testcontainers_config

    cleaner = [] if testcontainers_config.ryuk_disabled else [testcontainers_config.ryuk_image]
    missing = [each for each in (image, *cleaner) if not can_be_had(each)]
    return f"images that are not here and cannot be pulled: {', '.join(missing)}" if missing else None
