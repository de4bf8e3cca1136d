"""Makes an InfluxDB 2 ready for hanlogger and Grafana. Repeatable: what works stays, what was lost is made anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hanlogger.influxdb import Destination
from hanlogger.influxdb.http import by_password, by_token
from hanlogger.setup import advice
from hanlogger.setup import secret_files as credentials
from hanlogger.setup.admin import READER, Admin, NotAdmin, Place
from hanlogger.setup.api import Api, SetupError
from hanlogger.setup.files import Files, needed

__all__ = ["PATIENCE", "SetupError", "set_up"]

PATIENCE = 300.0  # seconds: a database with many shards needs minutes to open them

OWNER = "admin"
"""InfluxDB's first user."""


def set_up(destination: Destination, secrets: Path, say: Callable[[str], None], patience: float = PATIENCE) -> None:
    """The organisation, the bucket, hanlogger's write token and Grafana's user are there and work afterwards.

    `secrets`: the folder that `hanlogger credentials` filled. `say` gets each change in one sentence. SetupError
    with the way out where that cannot be.
    """
    files = Files(secrets)
    needed(files.admin_token)  # rather than after the wait
    api = Api(destination.url, destination.ca_file)
    try:
        api.wait(patience, say)
        _Setup(api, destination, files, say).run()
    except (LookupError, TypeError, AttributeError) as error:  # JSON of another form
        raise SetupError(f"what answers at {api.url} does not answer as InfluxDB 2 does") from error
    finally:
        api.close()


class _Setup:
    def __init__(self, api: Api, destination: Destination, files: Files, say: Callable[[str], None]) -> None:
        self._api = api
        self._destination = destination
        self._files = files
        self._say = say

    def run(self) -> None:
        self._take_possession()
        try:
            self._grant(Admin(self._api, needed(self._files.admin_token)))
        except NotAdmin as refusal:
            self._go_on_without_admin(refusal)

    def _take_possession(self) -> None:
        """Of a server that has no user yet. One taken by somebody else meanwhile shows at the next step."""
        answer = self._api.ask("GET", "/api/v2/setup")
        if answer.status != 200 or "allowed" not in answer.content:
            raise SetupError(f"{self._api.url} is no InfluxDB 2: GET /api/v2/setup answered {answer.words}")
        if answer.content["allowed"]:
            self._onboard()

    def _onboard(self) -> None:
        content = {
            "username": OWNER,
            "password": needed(self._files.admin_password),
            "token": needed(self._files.admin_token),
            "org": self._destination.org,
            "bucket": self._destination.bucket,
            "retentionPeriodSeconds": 0,
        }
        answer = self._api.ask("POST", "/api/v2/setup", content=content)
        if answer.status == 422:  # somebody set it up since we asked: the admin token will not be known there
            return
        if answer.status != 201:
            raise SetupError(f"InfluxDB could not be set up: {answer.words}")
        self._say(f"InfluxDB is set up: organisation {self._destination.org}, bucket {self._destination.bucket}")
        if credentials.read(self._files.write_token):
            self._say(advice.DATA_LOST)

    def _grant(self, admin: Admin) -> None:
        place = self._place(admin)
        if not self._may_write():
            self._renew_write_token(admin, place)
        admin.let_read(place, needed(self._files.reader_password))

    def _place(self, admin: Admin) -> Place:
        org = admin.organisation(self._destination.org)
        place = admin.find(org, self._destination.bucket)
        if place is None:
            place = admin.new_bucket(org, self._destination.bucket)
            self._say(f"Bucket {self._destination.bucket} was not there and is made")
        return place

    def _renew_write_token(self, admin: Admin, place: Place) -> None:
        identity, token = admin.new_write_token(place)
        credentials.write(self._files.write_token, token, credentials.READERS["hanlogger"])
        admin.delete_write_tokens(place, keep=identity)
        self._say("hanlogger has a new write token")

    def _may_write(self) -> bool:
        """An empty plain body is written only where token, organisation and bucket are right (2.9.1, measured)."""
        token = credentials.read(self._files.write_token)
        if not token:
            return False
        query = {"org": self._destination.org, "bucket": self._destination.bucket, "precision": "ms"}
        answer = self._api.ask("POST", "/api/v2/write", query, authorization=by_token(token))
        if answer.status not in (204, 401, 403, 404):
            raise SetupError(f"InfluxDB answered {answer.words} to an empty write")
        return answer.status == 204

    def _may_read(self) -> bool:
        """Errors of a query come with status 200; a database that one may not read is not shown."""
        authorization = by_password(READER, credentials.read(self._files.reader_password))
        answer = self._api.ask("GET", "/query", {"q": "SHOW DATABASES"}, authorization=authorization)
        return [self._destination.bucket] in _values(answer.content)

    def _go_on_without_admin(self, refusal: NotAdmin) -> None:
        self._say(advice.NOT_ADMIN.format(url=self._api.url, file=self._files.admin_token))
        if not (self._may_write() and self._may_read()):
            raise SetupError(f"{advice.STANDS_STILL} ({refusal})")
        self._say(advice.STILL_WORKS)


def _values(content: dict[str, Any]) -> list[list[Any]]:
    """The rows of all series of an InfluxQL answer."""
    return [
        row
        for result in content.get("results", ())
        for series in result.get("series", ())
        for row in series.get("values", ())
    ]
