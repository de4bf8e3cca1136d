"""Administer InfluxDB with the admin token: the organisation, the bucket, and who may do what with it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from hanlogger.http import by_token
from hanlogger.setup.api import Api, SetupError

WRITER = "hanlogger writes"
"""The description of hanlogger's write tokens: nothing else tells whose they are, as InfluxDB hides them."""

READER = "grafana"
"""The user name with which Grafana reads."""

USERS = "/private/legacy/authorizations"  # users with a password in the manner of InfluxDB 1
TOKENS = "/api/v2/authorizations"


class NotAdmin(SetupError):
    """InfluxDB does not take the admin token."""


class BucketIds(NamedTuple):
    """The ids of a bucket and its organisation: a bucket that was restored has a new id under its old name."""

    org: str
    bucket: str

    def make_permission(self, action: str) -> dict[str, Any]:
        """Return the permission to `read` or to `write` the bucket."""
        return {"action": action, "resource": {"type": "buckets", "id": self.bucket, "orgID": self.org}}


class Admin:
    """InfluxDB with its operator's rights. Methods raise SetupError if it refuses, NotAdmin for want of rights."""

    def __init__(self, api: Api, token: str) -> None:
        self._api = api
        self._authorization = by_token(token)

    def find_organisation(self, name: str) -> str:
        """Return the id of an organisation."""
        return str(self._do("GET", "/api/v2/orgs", {"org": name})["orgs"][0]["id"])

    def find_bucket(self, org: str, bucket: str) -> BucketIds | None:
        """Return the bucket of that name in the organisation with that id; None where there is none."""
        query = {"orgID": org, "name": bucket}
        found = self._do("GET", "/api/v2/buckets", query, absent={"buckets": []})["buckets"]
        return BucketIds(org, found[0]["id"]) if found else None

    def make_bucket(self, org: str, bucket: str) -> BucketIds:
        """Make a bucket that keeps its data for ever."""
        return BucketIds(org, self._do("POST", "/api/v2/buckets", content={"orgID": org, "name": bucket})["id"])

    def make_write_token(self, ids: BucketIds) -> tuple[str, str]:
        """Make a write token; return its id and the token, which can be read this once."""
        content = {"orgID": ids.org, "description": WRITER, "permissions": [ids.make_permission("write")]}
        made = self._do("POST", TOKENS, content=content)
        return made["id"], made["token"]

    def delete_write_tokens(self, ids: BucketIds, keep: str) -> None:
        """Delete all of hanlogger's write tokens but the one with the id `keep`: those were lost."""
        for listed in self._do("GET", TOKENS, {"orgID": ids.org})["authorizations"]:
            if listed["description"] == WRITER and listed["id"] != keep:
                self._do("DELETE", f"{TOKENS}/{listed['id']}", absent={})

    def let_read(self, ids: BucketIds, password: str) -> None:
        """Let Grafana's user read this bucket and nothing else, with this password."""
        user = self._find_reader()
        if user is not None and not _reads_only(user, ids):
            self._do("DELETE", f"{USERS}/{user['id']}")
            user = None
        if user is None:
            user = self._make_reader(ids)
        self._do("POST", f"{USERS}/{user['id']}/password", content={"password": password})

    def _find_reader(self) -> dict[str, Any] | None:
        users = self._do("GET", USERS, {"token": READER}, absent={"authorizations": []})["authorizations"]
        return users[0] if users else None

    def _make_reader(self, ids: BucketIds) -> dict[str, Any]:
        content = {
            "token": READER,
            "orgID": ids.org,
            "description": "Grafana reads",
            "status": "active",
            "permissions": [ids.make_permission("read")],
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
        """Return the content of the answer; for a 404 return `absent`, where that is no error."""
        answer = self._api.ask(method, path, query, content=content, authorization=self._authorization)
        if answer.status == 404 and absent is not None:
            return absent
        if answer.status in (401, 403):
            raise NotAdmin(f"{method} {path}: InfluxDB answered {answer.words}")
        if not 200 <= answer.status < 300:
            raise SetupError(f"{method} {path}: InfluxDB answered {answer.words}")
        return answer.content


def _reads_only(user: Mapping[str, Any], ids: BucketIds) -> bool:
    allowed = [(permission["action"], permission["resource"].get("id")) for permission in user["permissions"]]
    return allowed == [("read", ids.bucket)] and user["status"] == "active"
