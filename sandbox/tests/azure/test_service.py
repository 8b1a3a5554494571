"""The emulator as a process: it keeps its address and its state across restarts and SIGKILL."""

import select
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.azure.address import last_port
from sandbox.azure.http import certificates
from sandbox.durations import SandboxDurations
from sandbox.environment import azure_variables
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths
from sandbox.process import BackgroundProcessError
from sandbox.services import AZURE, Services
from sandbox.testing.azure_clients import AzureClients
from tests.azure.names import ACCOUNT
from tests.azure.world import account_body, directory

VERSION = {"api-version": "2024-09-01"}
IDLE_SECONDS = 7
"""Above the 5 s after which many servers close a connection."""


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[SandboxPaths]:
    paths = SandboxPaths(tmp_path)
    yield paths
    Services(paths, [AZURE]).stop()


def test_operations_in_flight_survive_sigkill_and_end_after_the_restart(paths: SandboxPaths) -> None:
    slow = SandboxDurations(overrides={"Microsoft.NetApp/netAppAccounts:create": 4})
    service = Services(paths, [AZURE], slow)
    first = service.start()
    azure = AzureClients(paths)
    azure.group("rg-anf")
    accepted = azure.http.put(ACCOUNT, params=VERSION, json=account_body(directory()))
    assert accepted.json()["properties"]["provisioningState"] == "Creating"

    killed = psutil.Process(first.pid)
    killed.send_signal(signal.SIGKILL)
    killed.wait(60)
    assert service.status() is None
    assert service.start().pid != first.pid

    again = AzureClients(paths)
    assert again.environment == azure.environment
    assert again.follow(accepted.headers["Azure-AsyncOperation"]).json()["status"] == "Succeeded"
    account = again.netapp.accounts.get("rg-anf", "anf-dev")
    assert account.properties is not None
    assert account.properties.provisioning_state == "Succeeded"


def test_a_connection_without_requests_stays_open(paths: SandboxPaths) -> None:
    Services(paths, [AZURE]).start()
    context = ssl.create_default_context(cafile=certificates.ensure(paths).ca)
    with (
        socket.create_connection(("127.0.0.1", last_port(paths) or 0)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(b"HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65536)
        closed, _, _ = select.select([connection], [], [], IDLE_SECONDS)
    assert not closed


def test_one_emulator_serves_a_sandbox_at_one_address_while_that_is_free(paths: SandboxPaths) -> None:
    service = Services(paths, [AZURE])
    first = service.start()
    assert Services(paths, [AZURE]).start() == first
    port = last_port(paths)
    assert port is not None

    slower = Services(paths, [AZURE], SandboxDurations("realistic"))
    assert (slower.start().pid == first.pid, last_port(paths)) == (False, port)
    assert not psutil.pid_exists(first.pid), "it stopped only its own process"
    assert slower.stop()
    assert not slower.stop()
    with socket.create_server(("127.0.0.1", port)):
        service.start()
        assert last_port(paths) != port


def test_a_start_that_fails_says_why_and_there_is_no_environment_without_an_emulator(paths: SandboxPaths) -> None:
    paths.arm_database.write_text("this is no database" * 100)

    with pytest.raises(BackgroundProcessError, match=r"awaited: that azure answer(.|\n)*file is not a database"):
        Services(paths, [AZURE]).start()
    with pytest.raises(SandboxError, match="python -m sandbox up"):
        azure_variables(paths)


def test_clients_find_their_secret_in_the_environment_alone(
    emulator: AzureClients,
) -> None:
    values = emulator.environment
    assert f"https://{values['ARM_METADATA_HOSTNAME']}" == values["AZURE_AUTHORITY_HOST"]
    assert values["SSL_CERT_FILE"] == values["REQUESTS_CA_BUNDLE"] == str(emulator.paths.ca_bundle)
    assert values["AZURE_CLIENT_SECRET"] == values["ARM_CLIENT_SECRET"]
    group = emulator.group("rg-secrets", "northeurope")
    account = f"{group}/providers/Microsoft.NetApp/netAppAccounts/secret"
    body = account_body(directory(password="Greppable-Pw-1", domain="secret.example"), location="northeurope")
    emulator.http.put(account, params=VERSION, json=body).raise_for_status()
    refused = account_body(directory(password="Greppable-Pw-1", domain="x"), location="northeurope")
    assert emulator.http.put(account, params=VERSION, json=refused).is_error

    shown = emulator.http.get(account, params=VERSION)
    assert "Greppable" not in shown.text
    assert shown.json()["properties"]["activeDirectories"]
    secrets = ["Greppable-Pw-1", values["ARM_CLIENT_SECRET"], emulator.token]
    root = emulator.paths.root
    written = [*root.glob("arm.sqlite*"), *emulator.paths.logs.iterdir(), *emulator.paths.services.iterdir()]
    assert len(written) >= 3
    for file in written:
        content = file.read_bytes()
        assert not any(secret.encode() in content for secret in secrets), file.name
    for private in ("service-principal.json", "token-signing.key", "arm.sqlite", "certificates/server.key"):
        assert (root / private).stat().st_mode & 0o077 == 0, private
