"""The test servers themselves: what the other tests stand on."""

from __future__ import annotations

from tests.support.servers import Bucket, OwnInfluxdb


def test_a_bucket_of_ones_own_holds_what_was_written_to_it(bucket: Bucket) -> None:
    bucket.write(b"voltage,meter=home value=230.1 1767225610000\n")
    assert bucket.query('SELECT * FROM "voltage"') == [{"time": 1767225610000, "meter": "home", "value": 230.1}]
    assert bucket.count("voltage") == 1


def test_a_killed_server_comes_back_with_what_it_acknowledged(own_influxdb: OwnInfluxdb) -> None:
    bucket = own_influxdb.new_bucket("mine")
    bucket.write(b"voltage value=230 1767225610000\n")
    own_influxdb.kill()
    own_influxdb.start()
    assert bucket.count("voltage") == 1
