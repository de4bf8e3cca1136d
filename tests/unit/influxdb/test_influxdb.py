"""One write to InfluxDB, and who must act on each answer: on a real server where it can be made to give it."""

from __future__ import annotations

import doctest
import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from hanlogger.errors import Failing, TooLarge, WriteRejected, WriteUnavailable
from hanlogger.http import Limits, Pool
from hanlogger.influxdb import Destination, Influx, masking
from hanlogger.influxdb import influx as influx_module
from hanlogger.influxdb.answered import read_answer
from hanlogger.influxdb.answers import make_error, read_retry_after
from tests.support.certificates import own_certificate
from tests.support.scripted_server import (
    BABBLE,
    CLOSE,
    HANG,
    NO_CONTENT,
    RESET,
    SIGNED,
    Misbehave,
    Reply,
    ScriptedServer,
    influxdb_says,
    raw,
    scripted_server,
)
from tests.support.servers import Bucket, Influxdb, free_port, to_bucket

LINE = b"voltage,meter=home,obis=1-0:32.7.0,phase=L1 value=230.1 1767225610000\n"
TOKEN = "a-token-that-nobody-must-see"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def scripted(server: ScriptedServer, **changes: object) -> Influx:
    return Influx(Destination(url=server.url, token=SecretStr(TOKEN), **changes))  # type: ignore[arg-type]


def unavailable(influx: Influx, body: bytes = LINE) -> WriteUnavailable:
    with pytest.raises(WriteUnavailable) as caught:
        influx.write(body)
    influx.close()
    return caught.value


def rejected(influx: Influx, body: bytes = LINE) -> WriteRejected:
    with pytest.raises(WriteRejected) as caught:
        influx.write(body)
    influx.close()
    return caught.value


# a real InfluxDB


def test_what_write_returns_for_is_in_the_database(bucket: Bucket) -> None:
    influx = Influx(to_bucket(bucket))
    influx.write(LINE)
    influx.write(LINE)
    influx.close()
    assert bucket.query('SELECT "value" FROM "voltage"') == [{"time": 1767225610000, "value": 230.1}]


def test_a_token_that_may_only_write_is_enough(bucket: Bucket) -> None:
    influx = Influx(to_bucket(bucket, bucket.token("write")))
    influx.check()
    influx.write(LINE)
    influx.close()
    assert bucket.count("voltage") == 1


def test_checking_writes_nothing(bucket: Bucket) -> None:
    influx = Influx(to_bucket(bucket))
    influx.check()
    influx.close()
    assert bucket.query("SHOW MEASUREMENTS") == []


def test_a_line_that_does_not_parse_is_refused_in_the_servers_words(bucket: Bucket) -> None:
    assert "invalid boolean" in str(rejected(Influx(to_bucket(bucket)), LINE + b"voltage value=abc 1767225610000\n"))
    assert bucket.count("voltage") == 0


def test_a_field_of_another_type_is_refused(bucket: Bucket) -> None:
    bucket.write(LINE)
    assert "field type conflict" in str(rejected(Influx(to_bucket(bucket)), LINE.replace(b"230.1", b"230i")))


def test_a_point_older_than_the_retention_is_refused(influxdb: Influxdb) -> None:
    bucket = influxdb.new_bucket(retention_seconds=86_400)
    assert "outside retention policy" in str(rejected(Influx(to_bucket(bucket))))


def test_an_unknown_token_is_for_the_user_to_put_right(bucket: Bucket) -> None:
    error = unavailable(Influx(to_bucket(bucket, TOKEN)))
    assert error.needs_user
    assert "InfluxDB does not know the token" in str(error)
    assert TOKEN not in str(error)


def test_a_token_that_may_only_read_is_for_the_user_to_put_right(bucket: Bucket) -> None:
    error = unavailable(Influx(to_bucket(bucket, bucket.token("read"))))
    assert error.needs_user
    assert f"the token lacks write permission on bucket {bucket.name}" in str(error)


@pytest.mark.parametrize("missing", [{"bucket": "nowhere"}, {"org": "nobody"}])
def test_a_bucket_or_organisation_that_is_not_there_is_for_the_user_to_put_right(
    bucket: Bucket, missing: dict[str, str]
) -> None:
    influx = Influx(to_bucket(bucket, **missing))
    error = unavailable(influx)
    assert error.needs_user
    assert "make it, or correct the settings" in str(error)
    with pytest.raises(WriteUnavailable, match="make it, or correct the settings"):
        influx.check()
    influx.close()


def test_no_organisation_is_no_refusal_of_a_line(bucket: Bucket) -> None:
    error = unavailable(Influx(to_bucket(bucket, org="")))
    assert error.needs_user
    assert "check org and bucket" in str(error)


def test_a_token_file_is_read_again_at_each_attempt(bucket: Bucket, tmp_path: Path) -> None:
    file = tmp_path / "token"
    influx = Influx(to_bucket(bucket, token_file=file))
    with pytest.raises(WriteUnavailable, match=r"token is not there: make it") as missing:
        influx.write(LINE)
    assert not missing.value.needs_user  # it may be about to be written
    file.write_text("wrong\n")
    with pytest.raises(WriteUnavailable, match="does not know the token"):
        influx.write(LINE)
    file.write_text(f"{bucket.server.admin_token}\n")
    influx.write(LINE)
    influx.close()
    assert bucket.count("voltage") == 1


# answers that a real one does not give


def test_a_request_is_gzipped_with_its_precision_and_its_token(server: ScriptedServer) -> None:
    influx = scripted(server, org="my home", bucket="a/b")
    influx.write(LINE)
    influx.check()
    influx.close()
    write, check = server.requests
    assert write.body == LINE
    assert write.headers["Content-Encoding"] == "gzip"
    assert write.headers["Authorization"] == f"Token {TOKEN}"
    assert write.path == "/api/v2/write"
    assert write.query == {"org": ["my home"], "bucket": ["a/b"], "precision": ["ms"]}
    assert check.sent == b""
    assert check.headers.get("Content-Encoding") != "gzip"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>Welcome! Please log in</html>"),
        Reply(200, b"\xff\xfe\x00"),
        Reply(201, b"{}"),
        Reply(302, b"", {"Location": "http://portal.example/"}),
        Reply(502, b"\xff\xfe\x00"),
    ],
)
def test_what_is_not_influxdb_is_said_and_tried_again(server: ScriptedServer, reply: Reply) -> None:
    server.say(reply)
    error = unavailable(scripted(server))
    assert "is not InfluxDB" in str(error)
    assert not error.needs_user


def test_a_bad_precision_is_no_refusal_of_a_line(server: ScriptedServer) -> None:
    server.say(influxdb_says(400, "invalid precision; valid precision units are ns, us, ms, and s", "invalid"))
    assert unavailable(scripted(server)).needs_user


@pytest.mark.parametrize(
    ("reply", "by_database"),
    [
        (Reply(413, b"<html>413 Request Entity Too Large</html>"), False),
        (Reply(413, b'{"code":"request too large","message":"too large"}'), False),
        (influxdb_says(413, "request too large", "request too large"), True),
    ],
)
def test_too_large_is_told_apart_by_who_says_so(server: ScriptedServer, reply: Reply, by_database: bool) -> None:
    server.say(reply)
    error = unavailable(scripted(server))
    assert isinstance(error, TooLarge)
    assert error.by_database == by_database


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_later_is_later(server: ScriptedServer, status: int) -> None:
    server.say(influxdb_says(status))
    error = unavailable(scripted(server))
    assert (error.needs_user, error.retry_after) == (False, None)
    assert str(error) == f"InfluxDB answers {status}: busy"


def test_a_full_disk_is_named_at_once_when_the_server_names_it(server: ScriptedServer) -> None:
    server.say(influxdb_says(500, "unexpected error writing points to database: no space left on device"))
    error = unavailable(scripted(server))
    assert "it needs space and then a restart" in str(error)
    assert not isinstance(error, Failing)  # no line is to blame for it


def test_after_minutes_of_500_a_full_disk_is_suspected(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.say(influxdb_says(500, "An internal error has occurred"))
    influx = scripted(server)
    for _ in range(2):
        with pytest.raises(Failing, match=r"^InfluxDB answers 500: An internal error has occurred$"):
            influx.write(LINE)
    monkeypatch.setattr(influx_module, "FULL_AFTER", 0.0)
    with pytest.raises(WriteUnavailable, match="InfluxDB may have a full disk: it needs space and then a restart"):
        influx.write(LINE)
    server.say(NO_CONTENT, influxdb_says(500, "once more"))
    influx.write(LINE)
    assert str(unavailable(influx)) == "InfluxDB answers 500: once more"


def test_a_refusal_without_words_is_told_by_its_code(server: ScriptedServer) -> None:
    server.say(influxdb_says(400, " \n", "invalid"))
    assert str(rejected(scripted(server))) == "invalid"


def test_what_influxdb_2_0_says_with_500_of_a_point_that_is_too_old_is_a_refusal(server: ScriptedServer) -> None:
    words = "unexpected error writing points to database: partial write: points beyond retention policy dropped=1"
    server.say(influxdb_says(500, words))
    assert str(rejected(scripted(server))) == words


@pytest.mark.parametrize("header", ["7", "7.0", format_datetime(NOW + timedelta(seconds=7), usegmt=True)])
def test_retry_after_is_seconds_or_a_date(header: str) -> None:
    assert read_retry_after(header, NOW) == 7


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("86400", 600),
        ("-5", 0),
        ("soon", None),
        ("nan", None),
        ("inf", 600),
        (None, None),
        ("Sun, 06 Nov 1994 08:49:37", 0),
        ("Sun, 06 Nov 99999 08:49:37", None),
        ("Sun, 06 Nov 1994 08:49:37 +99999999999999", None),
    ],
)
def test_retry_after_is_bounded_and_nonsense_is_none(header: str | None, wait: float | None) -> None:
    assert read_retry_after(header, NOW) == wait


def test_retry_after_comes_with_the_error(server: ScriptedServer) -> None:
    for reply in (Reply(429, b"", {"Retry-After": "7"}), influxdb_says(429, **{"Retry-After": "7"})):
        server.say(reply)
        assert unavailable(scripted(server)).retry_after == 7


@pytest.mark.parametrize(("how", "words"), [(RESET, "broke"), (CLOSE, "broke"), (BABBLE, "is not HTTP")])
def test_a_connection_that_breaks_is_tried_again(server: ScriptedServer, how: Misbehave, words: str) -> None:
    server.say(how)
    assert words in str(unavailable(scripted(server)))


def test_no_answer_is_given_up_in_time(server: ScriptedServer) -> None:
    server.say(HANG)
    assert "no answer in time" in str(unavailable(scripted(server, read_timeout=0.1)))


def test_each_time_out_is_for_what_it_says(server: ScriptedServer) -> None:
    server.say(raw(b"HTTP/1.1 204 No Content\r\n", b"\r\n", pause=0.6))
    influx = scripted(server, connect_timeout=0.2, read_timeout=20)
    assert "does not say that it is InfluxDB" in influx.write(LINE)
    influx.close()


def test_a_host_that_does_not_answer_to_connecting_is_given_up_in_time() -> None:
    with full() as url:
        influx = Influx(Destination(url=url, token=SecretStr(TOKEN), connect_timeout=0.2, read_timeout=600))
        assert "no answer to connecting" in str(unavailable(influx))


@contextmanager
def full() -> Iterator[str]:
    """The address of a server that takes no connection: its queue is full."""
    with socket.socket() as listening, ExitStack() as waiting:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            connection = waiting.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_nobody_there_says_what_to_look_at() -> None:
    influx = Influx(Destination(url=f"http://127.0.0.1:{free_port()}", token=SecretStr(TOKEN)))
    error = unavailable(influx)
    assert "connection refused: is it running, and is the address right?" in str(error)
    assert not error.needs_user


def test_a_name_that_is_not_known_says_so() -> None:
    influx = Influx(Destination(url="http://no-such-host.invalid:8086", token=SecretStr(TOKEN)))
    assert "its name cannot be resolved" in str(unavailable(influx))


def test_a_secret_that_an_answer_quotes_is_not_in_the_error(server: ScriptedServer) -> None:
    server.say(influxdb_says(401, f"unknown token {TOKEN}", "unauthorized"))
    error = unavailable(scripted(server))
    assert TOKEN not in repr(error) + str(error.__cause__)
    assert "unknown token …" in str(error)


def test_no_part_of_a_secret_is_left_where_a_long_answer_is_cut(server: ScriptedServer) -> None:
    for reply in (influxdb_says(401, "-" * 490 + TOKEN, "unauthorized"), Reply(401, b"-" * 110 + TOKEN.encode())):
        server.say(reply)
        assert TOKEN[:5] not in str(unavailable(scripted(server)))


def test_a_secret_in_an_error_of_the_connection_is_masked(server: ScriptedServer, tmp_path: Path) -> None:
    error = unavailable(scripted(server, ca_file=tmp_path / f"{TOKEN}.pem"))
    assert "….pem cannot be read" in str(error)
    assert TOKEN not in str(error)


WORDS = "\x1b]0;owned\x07\x1b[2J\r\n2026-01-01 00:00:00 INFO forged\u2028\u202e\x9b1m"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 429, 500, 503])
def test_no_control_character_of_a_server_is_in_an_error(server: ScriptedServer, status: int) -> None:
    for reply in (
        influxdb_says(status, WORDS),
        Reply(status, WORDS.encode()),
        Reply(status, b"", {"Retry-After": "\x1b", "X-Influxdb-Version": "1.8\x1b[2J"}),
    ):
        server.say(reply)
        influx = scripted(server)
        with pytest.raises((WriteRejected, WriteUnavailable)) as caught:
            influx.write(LINE)
        influx.close()
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (Reply(502, b"<html><TITLE>502 Bad Gateway</TITLE>"), "(it says: 502 Bad Gateway): a proxy?"),
        (Reply(400, b"<title>Sent to HTTPS port</title>"), "have to begin with https://?"),
        (Reply(400, b'{"code":"invalid","message":"x"}'), "let the proxy on the way pass that on"),
        (Reply(401, b'{"error":"x"}', {"X-Influxdb-Version": "1.12.4"}), "it is InfluxDB 1.12.4, and version 2"),
        (Reply(403, b""), "answers 403 at http://127.0.0.1"),
        (Reply(403, b"x" * 999), "x" * 120 + "): is the address right"),
    ],
)
def test_what_answers_in_influxdbs_place_is_told_with_advice(server: ScriptedServer, reply: Reply, advice: str) -> None:
    server.say(reply)
    error = unavailable(scripted(server))
    assert "is not InfluxDB 2" in str(error)
    assert advice in str(error)
    assert not error.needs_user


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_neither_control_characters_nor_a_secret_of_a_code_are_in_an_error(server: ScriptedServer, status: int) -> None:
    code = "\x1b]0;owned\x07\n2026-01-01 INFO forged a-long-secret1" + 1000 * "x"
    server.say(Reply(status, json.dumps({"code": code, "message": "\x1b"}).encode(), SIGNED))
    with pytest.raises((WriteUnavailable, WriteRejected)) as caught:
        Influx(Destination(server.url, token=SecretStr("a-long-secret1"))).write(b"x v=1\n")
    assert str(caught.value).isprintable()
    assert "]0;owned 2026-01-01 INFO forged …" in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("status", [200, 205, 304, 307, 404])
def test_influxdb_2_is_not_called_another_version_where_the_address_is_wrong(
    server: ScriptedServer, status: int
) -> None:
    server.say(Reply(status, b"", SIGNED))
    with pytest.raises(WriteUnavailable, match="does the address have a path too many") as caught:
        Influx(Destination(server.url, token=SecretStr("token"))).write(b"x v=1\n")
    assert "version 2 is needed" not in str(caught.value)
    assert "is not InfluxDB 2" not in str(caught.value)


@pytest.mark.parametrize(
    "words", ["unable to read data: gzip: invalid checksum", "unable to parse '\x1f\ufffd\x08': x"]
)
def test_a_body_that_was_changed_on_the_way_is_no_refusal_of_a_line(server: ScriptedServer, words: str) -> None:
    server.say(influxdb_says(400, words, "invalid"))
    assert "something on the way changes what is sent" in str(unavailable(scripted(server)))


def test_a_gzipped_body_without_its_header_is_what_influxdb_cannot_parse(bucket: Bucket) -> None:
    """As when a proxy takes Content-Encoding away."""
    token, address = bucket.server.admin_token, f"{bucket.server.url}/api/v2/write?org=home&bucket={bucket.name}"
    headers = {"Authorization": f"Token {token}"}
    with Pool(address, Limits(5, 20)) as pool:
        answer = read_answer(pool.request("POST", address, body=gzip.compress(LINE), headers=headers))
    error = make_error(answer, to_bucket(bucket), NOW)
    assert isinstance(error, WriteUnavailable)
    assert "something on the way changes what is sent" in str(error)


def test_a_short_secret_leaves_ordinary_words_as_they_are(server: ScriptedServer) -> None:
    server.say(influxdb_says(401, "unknown token x, take another", "unauthorized"))
    error = unavailable(Influx(Destination(url=server.url, token=SecretStr("x"))))
    assert "InfluxDB does not know the token" in str(error)
    assert "unknown token …, take another" in str(error)


def test_the_example_of_masking_is_true() -> None:
    found = doctest.testmod(masking)
    assert found.attempted and not found.failed


def test_a_destination_does_not_show_its_token() -> None:
    assert TOKEN not in repr(Destination(url="http://localhost", token=SecretStr(TOKEN)))


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_token_file_may_be_about_to_be_written(server: ScriptedServer, tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text)
    error = unavailable(scripted(server, token_file=file))
    assert str(error) == f"the token file {file} is empty: put a token in it"
    assert not error.needs_user
    assert not server.requests


@pytest.mark.parametrize("text", ["two words", "line\nbreak", "tökén"])
def test_what_is_no_token_is_for_the_user_to_put_right(server: ScriptedServer, tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text, "utf-8")
    assert unavailable(scripted(server, token_file=file)).needs_user
    assert not server.requests


def test_https_where_there_is_none_says_what_to_check(server: ScriptedServer) -> None:
    influx = Influx(Destination(url=server.url.replace("http:", "https:"), token=SecretStr(TOKEN)))
    error = unavailable(influx)
    assert error.needs_user
    assert "no safe connection" in str(error)


def test_a_certificate_of_ones_own_is_trusted_when_it_is_named(tmp_path: Path) -> None:
    certificate = own_certificate(tmp_path / "own.pem")
    with scripted_server(certificate) as server:
        stranger = unavailable(scripted(server))
        friend = scripted(server, ca_file=certificate)
        friend.write(LINE)
        friend.close()
    assert stranger.needs_user
    assert "check the address, ca_file and this host's clock" in str(stranger)
    assert server.bodies == [LINE]


def test_certificates_that_cannot_be_read_are_for_the_user_to_put_right(server: ScriptedServer, tmp_path: Path) -> None:
    error = unavailable(scripted(server, ca_file=tmp_path / "none.pem"))
    assert error.needs_user
    assert "none.pem cannot be read" in str(error)
