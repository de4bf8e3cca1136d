"""compose.yaml held to the rules that keep a bare `docker compose up` safe."""

from __future__ import annotations

import re

import pytest

from hanlogger.setup import secret_files as credentials
from tests.support.composefile import ONE_SHOTS, ROOT, SERVERS, SERVICES, mounts, resolved, service

SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|KEY")


def test_every_service_is_known_here() -> None:
    assert sorted(resolved()["services"]) == SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_do_no_more_than_it_must(name: str) -> None:
    it = service(name)
    assert it["read_only"] is True
    assert it["cap_drop"] == ["ALL"]
    assert it["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in it["tmpfs"]
    assert not {"privileged", "pid", "ipc", "userns_mode", "devices", "env_file"} & it.keys()
    assert it.get("network_mode", "none") == "none"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_cannot_fill_the_disk_with_its_log(name: str) -> None:
    assert service(name)["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}}


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_nobody_special_and_its_secrets_are_given_to_that_user(name: str) -> None:
    it = service(name)
    assert int(it["user"].split(":")[0]) == credentials.READERS[name] > 0
    assert "cap_add" not in it
    assert it["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_watched(name: str) -> None:
    assert service(name)["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_takes_neither_all_memory_nor_more_than_one_cpu_nor_all_processes(name: str) -> None:
    it = service(name)
    assert re.fullmatch(r"\d+m|1g", it["mem_limit"])
    assert 0 < it["cpus"] <= 1, "the engine refuses more than the machine has"
    assert 64 <= it["pids_limit"] <= 1024
    assert "deploy" not in it, "Compose 2.40 refuses a limit of deploy beside pids_limit"


def test_commands_that_are_run_beside_the_logger_do_not_end_it_for_want_of_memory() -> None:
    # 64 MB and, measured, 34 MB for each `hanlogger status` or `doctor`, of which one is the health check
    assert int(service("hanlogger")["mem_limit"].removesuffix("m")) >= 64 + 5 * 34


@pytest.mark.parametrize("name", ONE_SHOTS)
def test_a_one_shot_has_what_giving_files_away_takes_and_ends(name: str) -> None:
    it = service(name)
    assert it["cap_add"] == ["CHOWN", "DAC_OVERRIDE", "FOWNER"]
    assert it["restart"] == "no"
    assert "ports" not in it


def test_no_port_is_open_beyond_this_machine() -> None:
    published = [port for name in SERVICES for port in service(name).get("ports", ())]
    assert len(published) == 3
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_only_grafana_and_the_page_can_be_opened_and_only_on_purpose() -> None:
    opened = {"GRAFANA_BIND": "0.0.0.0", "GRAFANA_PORT": "80", "PAGE_BIND": "0.0.0.0", "PAGE_PORT": "81"}
    services = resolved(opened)["services"]
    assert services["grafana"]["ports"] == ["0.0.0.0:80:3000"]
    assert services["hanlogger"]["ports"] == ["0.0.0.0:81:8088"]
    assert services["influxdb"]["ports"] == ["127.0.0.1:8086:8086"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned_to_a_patch_version_or_built_here(name: str) -> None:
    it = service(name)
    ours = it["image"] == "hanlogger:dev" and it["pull_policy"] == "never"
    assert ours or re.fullmatch(r"[a-z/]+:\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?", it["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_the_environment(name: str) -> None:
    environment = service(name).get("environment", {})
    assert [key for key in environment if SECRET.search(key) and not key.endswith("_FILE")] == []


def test_each_service_sees_its_own_secrets_alone_and_reads_only() -> None:
    readers = {"influxdb": "/run/credentials", "grafana": "/run/credentials", "hanlogger": "/run/credentials"}
    for name, folder in readers.items():
        secrets = {source: mount for source, mount in mounts(name).items() if source.endswith("-secrets")}
        assert secrets == {f"{name}-secrets": (folder, False)}
    writable = {source for source, (_, writable) in mounts("setup").items() if writable}
    assert writable == {"hanlogger-secrets", "grafana-provisioning"}


def test_a_server_writes_to_its_own_data_alone() -> None:
    for name in SERVERS:
        assert [source for source, (_, writable) in mounts(name).items() if writable] == [f"{name}-data"]


def test_every_named_volume_is_declared() -> None:
    used = {source for name in SERVICES for source in mounts(name) if not source.startswith((".", "/"))}
    assert used == resolved()["volumes"].keys()


def test_the_host_s_devices_are_seen_but_its_shared_memory_is_not() -> None:
    assert mounts("hanlogger")["/dev"] == ("/host/dev", False)
    assert {"/host/dev/shm", "/host/dev/pts"} < set(service("hanlogger")["tmpfs"])
    assert [name for name in SERVICES if "/dev" in mounts(name)] == ["hanlogger"]


def test_hanlogger_waits_for_no_database() -> None:
    assert list(service("hanlogger")["depends_on"]) == ["credentials"]
    assert service("setup")["depends_on"]["influxdb"] == {"condition": "service_started"}
    assert service("grafana")["depends_on"] == {"setup": {"condition": "service_completed_successfully"}}


def test_the_image_is_built_once_and_first() -> None:
    assert [name for name in SERVICES if "build" in service(name)] == ["credentials"]


def test_no_form_is_used_that_an_older_compose_or_engine_refuses() -> None:
    file = resolved()
    assert file.keys() == {"x-run", "x-once", "x-reading", "x-alerts", "services", "volumes"}
    assert {key for name in SERVERS for key in service(name)["healthcheck"]} == {"test", "interval", "start_period"}
    assert all(isinstance(mount, str) for name in SERVICES for mount in service(name)["volumes"])


def test_the_dockerfile_needs_no_buildkit_and_ends_without_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM ")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.13\.\d+-slim-[a-z]+", bases.pop())
    assert not re.search(r"--mount|--chmod|<<|syntax=", "\n".join(lines))
    assert f"USER {service('hanlogger')['user']}" in lines
    installs = [line for line in lines if " install " in line and "-r " in line]
    assert len(installs) == 2
    assert all("--require-hashes" in line and "--only-binary :all:" in line for line in installs)


def test_nothing_private_reaches_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[1] == "*"
    assert not any(line.startswith(("!.", "!config", "!tests")) for line in ignored)
