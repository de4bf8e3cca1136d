"""What the admin token is for: the organisation, the bucket, and who may do what with it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from hanlogger.influxdb.http import by_token
from hanlogger.setup.api import Api, SetupError

WRITER = "hanlogger writes"
"""The description of hanlogger's write tokens: nothing else tells whose they are, as InfluxDB hides them."""

READER = "grafana"
"""The user name with which Grafana reads."""

USERS = "/private/legacy/authorizations"  # users with a password in the manner of InfluxDB 1
TOKENS = "/api/v2/authorizations"


class NotAdmin(SetupError):
    """InfluxDB does not take the admin token."""


class Place(NamedTuple):
    """A bucket by its ids: one that was restored has a new id under its old name."""

    org: str
    bucket: str

    def permission(self, action: str) -> dict[str, Any]:
        """To `read` or to `write` it."""
        return {"action": action, "resource": {"type": "buckets", "id": self.bucket, "orgID": self.org}}


class Admin:
    """InfluxDB with the rights of its operator. SetupError where it refuses, NotAdmin where the token has no rights."""

    def __init__(self, api: Api, token: str) -> None:
        self._api = api
        self._authorization = by_token(token)

    def organisation(self, name: str) -> str:
        """Its id."""
        return str(self._do("GET", "/api/v2/orgs", {"org": name})["orgs"][0]["id"])

    def find(self, org: str, bucket: str) -> Place | None:
        """The bucket of that name in the organisation with that id."""
        query = {"orgID": org, "name": bucket}
        found = self._do("GET", "/api/v2/buckets", query, absent={"buckets": []})["buckets"]
        return Place(org, found[0]["id"]) if found else None

    def new_bucket(self, org: str, bucket: str) -> Place:
        """A bucket that keeps its data for ever."""
        return Place(org, self._do("POST", "/api/v2/buckets", content={"orgID": org, "name": bucket})["id"])

    def new_write_token(self, place: Place) -> tuple[str, str]:
        """Its id and the token, which can be read this once."""
        content = {"orgID": place.org, "description": WRITER, "permissions": [place.permission("write")]}
        made = self._do("POST", TOKENS, content=content)
        return made["id"], made["token"]

    def delete_write_tokens(self, place: Place, keep: str) -> None:
        """All of hanlogger's but the one with the id `keep`: they were lost, or their bucket is gone."""
        for listed in self._do("GET", TOKENS, {"orgID": place.org})["authorizations"]:
            if listed["description"] == WRITER and listed["id"] != keep:
                self._do("DELETE", f"{TOKENS}/{listed['id']}", absent={})

    def let_read(self, place: Place, password: str) -> None:
        """Grafana's user may read this bucket and nothing else, with this password."""
        user = self._reader()
        if user is not None and not _reads_only(user, place):
            self._do("DELETE", f"{USERS}/{user['id']}")
            user = None
        if user is None:
            user = self._new_reader(place)
        self._do("POST", f"{USERS}/{user['id']}/password", content={"password": password})

    def _reader(self) -> dict[str, Any] | None:
        users = self._do("GET", USERS, {"token": READER}, absent={"authorizations": []})["authorizations"]
        return users[0] if users else None

    def _new_reader(self, place: Place) -> dict[str, Any]:
        content = {
            "token": READER,
            "orgID": place.org,
            "description": "Grafana reads",
            "status": "active",
            "permissions": [place.permission("read")],
        }
        return self._do("POST", USERS, content=content)

    def _do(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] = MappingProxyType({}),
        *,
        content: object = None,
        absent: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The answer's content; `absent` for a 404 where that is no error."""
        answer = self._api.ask(method, path, query, content=content, authorization=self._authorization)
        if answer.status == 404 and absent is not None:
            return absent
        if answer.status in (401, 403):
            raise NotAdmin(f"{method} {path}: InfluxDB answered {answer.words}")
        if not 200 <= answer.status < 300:
            raise SetupError(f"{method} {path}: InfluxDB answered {answer.words}")
        return answer.content


def _reads_only(user: Mapping[str, Any], place: Place) -> bool:
    allowed = [(permission["action"], permission["resource"].get("id")) for permission in user["permissions"]]
    return allowed == [("read", place.bucket)] and user["status"] == "active"
