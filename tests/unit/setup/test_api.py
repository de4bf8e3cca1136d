"""Waiting for the server that setup prepares."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanlogger.setup.api import Api, NotTrusted
from tests.support.certificates import own_certificate
from tests.support.scripted_server import scripted_server


def test_a_certificate_that_is_not_trusted_is_told_at_once(tmp_path: Path) -> None:
    said: list[str] = []
    with scripted_server(own_certificate(tmp_path / "own.pem")) as server:
        api = Api(server.url)
        with pytest.raises(NotTrusted, match=r"No safe connection to https://.*: check the address, ca_file"):
            api.wait(1.0, said.append)
        api.close()
    assert said == [], "there is nothing to wait for"
