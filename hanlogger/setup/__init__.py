"""Prepare an InfluxDB 2 for hanlogger and Grafana. It can be repeated: what works stays, what was lost is made anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hanlogger.http import by_password, by_token
from hanlogger.influxdb import Destination
from hanlogger.setup import advice
from hanlogger.setup.admin import READER, Admin, BucketIds, NotAdmin
from hanlogger.setup.api import Api, SetupError
from hanlogger.setup.files import SecretPaths, read_needed
from hanlogger.setup.secret_files import READERS, read_secret, write_secret

__all__ = ["PATIENCE", "SetupError", "set_up"]

PATIENCE = 300.0  # seconds: a database with many shards needs minutes to open them

OWNER = "admin"
"""The name of InfluxDB's first user."""


def set_up(destination: Destination, secrets: Path, say: Callable[[str], None], patience: float = PATIENCE) -> None:
    """Make sure that the organisation, the bucket, hanlogger's write token and Grafana's user are there and work.

    `secrets`: the folder that `hanlogger credentials` filled. `say` gets each change in one sentence. `patience`:
    seconds to wait for the server. Raise SetupError, which says what to do, where that is not possible.
    """
    files = SecretPaths(secrets)
    read_needed(files.admin_token)  # rather than after the wait
    api = Api(destination.url, destination.ca_file)
    try:
        api.wait(patience, say)
        _Setup(api, destination, files, say).run()
    except (LookupError, TypeError, AttributeError) as error:  # JSON of another form
        raise SetupError(f"what answers at {api.url} does not answer as InfluxDB 2 does") from error
    finally:
        api.close()


class _Setup:
    def __init__(self, api: Api, destination: Destination, files: SecretPaths, say: Callable[[str], None]) -> None:
        self._api = api
        self._destination = destination
        self._files = files
        self._say = say

    def run(self) -> None:
        self._onboard_if_new()
        try:
            self._grant(Admin(self._api, read_needed(self._files.admin_token)))
        except NotAdmin as refusal:
            self._go_on_without_admin(refusal)

    def _onboard_if_new(self) -> None:
        """Make the first user of a server that has none. If somebody else did so meanwhile, the next step shows it."""
        answer = self._api.ask("GET", "/api/v2/setup")
        if answer.status != 200 or "allowed" not in answer.content:
            raise SetupError(f"{self._api.url} is no InfluxDB 2: GET /api/v2/setup answered {answer.words}")
        if answer.content["allowed"]:
            self._onboard()

    def _onboard(self) -> None:
        content = {
            "username": OWNER,
            "password": read_needed(self._files.admin_password),
            "token": read_needed(self._files.admin_token),
            "org": self._destination.org,
            "bucket": self._destination.bucket,
            "retentionPeriodSeconds": 0,
        }
        answer = self._api.ask("POST", "/api/v2/setup", content=content)
        if answer.status == 422:  # somebody set it up since the last request: the admin token will not be known there
            return
        if answer.status != 201:
            raise SetupError(f"InfluxDB could not be set up: {answer.words}")
        self._say(f"InfluxDB is set up: organisation {self._destination.org}, bucket {self._destination.bucket}")
        if read_secret(self._files.write_token):
            self._say(advice.DATA_LOST)

    def _grant(self, admin: Admin) -> None:
        ids = self._find_bucket(admin)
        if not self._may_write():
            self._renew_write_token(admin, ids)
        admin.let_read(ids, read_needed(self._files.reader_password))

    def _find_bucket(self, admin: Admin) -> BucketIds:
        org = admin.find_organisation(self._destination.org)
        ids = admin.find_bucket(org, self._destination.bucket)
        if ids is None:
            ids = admin.make_bucket(org, self._destination.bucket)
            self._say(f"Bucket {self._destination.bucket} was not there and is made")
        return ids

    def _renew_write_token(self, admin: Admin, ids: BucketIds) -> None:
        identity, token = admin.make_write_token(ids)
        write_secret(self._files.write_token, token, READERS["hanlogger"])
        admin.delete_write_tokens(ids, keep=identity)
        self._say("hanlogger has a new write token")

    def _may_write(self) -> bool:
        """Return whether token, organisation and bucket are right: only then is an empty write accepted (measured)."""
        token = read_secret(self._files.write_token)
        if not token:
            return False
        query = {"org": self._destination.org, "bucket": self._destination.bucket, "precision": "ms"}
        answer = self._api.ask("POST", "/api/v2/write", query, authorization=by_token(token))
        if answer.status not in (204, 401, 403, 404):
            raise SetupError(f"InfluxDB answered {answer.words} to an empty write")
        return answer.status == 204

    def _may_read(self) -> bool:
        """Return whether Grafana's user sees the bucket. Errors of a query have status 200, so its result decides."""
        authorization = by_password(READER, read_secret(self._files.reader_password))
        answer = self._api.ask("GET", "/query", {"q": "SHOW DATABASES"}, authorization=authorization)
        return [self._destination.bucket] in _read_rows(answer.content)

    def _go_on_without_admin(self, refusal: NotAdmin) -> None:
        self._say(advice.NOT_ADMIN.format(url=self._api.url, file=self._files.admin_token))
        if not (self._may_write() and self._may_read()):
            raise SetupError(f"{advice.STANDS_STILL} ({refusal})")
        self._say(advice.STILL_WORKS)


def _read_rows(content: dict[str, Any]) -> list[list[Any]]:
    """Return the rows of all series of an InfluxQL answer."""
    return [
        row
        for result in content.get("results", ())
        for series in result.get("series", ())
        for row in series.get("values", ())
    ]
