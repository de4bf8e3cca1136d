"""The advice that setup prints. docs/compose.md has the same commands."""

from __future__ import annotations

WAY_OUT = """\
docker compose stop influxdb
docker compose run --rm -T --no-deps influxdb influxd recovery auth create-operator \\
  --bolt-path /var/lib/influxdb2/influxd.bolt --org home --username admin 2>/dev/null |
  grep 'Recovery Token' | grep -o '[^[:space:]]*==' |
  docker compose run --rm -T --no-deps --entrypoint sh credentials -c 'cat >/secrets/influxdb/admin_token'
docker compose up -d
"""
"""InfluxDB keeps only hashes of its tokens: a lost one cannot be read back, but its server, stopped, can write one."""

NOT_ADMIN = (
    "InfluxDB at {url} does not take the admin token in {file}. Either the secrets were lost and made anew beside "
    "data that was kept, or somebody else set this database up. A new admin token:\n\n" + WAY_OUT
)

STILL_WORKS = (
    "hanlogger's write token and Grafana's password still work, so nothing stands still; only what setup would "
    "change cannot be changed."
)

STANDS_STILL = (
    "hanlogger's write token or Grafana's password does not work and cannot be renewed without the admin token. "
    "hanlogger keeps recording in its journal meanwhile and delivers afterwards."
)

DATA_LOST = (
    "InfluxDB was empty although hanlogger already had a token for it: what was stored there is gone. What the journal "
    "still keeps can be delivered again: docker compose exec hanlogger hanlogger backfill"
)
