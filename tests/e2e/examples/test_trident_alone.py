"""Failures of Trident: `up` ends in time with Trident's message."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
import yaml

from sandbox.testing import (
    SUBSCRIPTION,
    TRIDENT_CRDS_LATE,
    TRIDENT_NEVER_INSTALLED,
    AzureClients,
    StandingFaults,
    Store,
    ensure_trident,
)
from tests.e2e.conftest import Run, Stack
from tests.e2e.leaks import CommandLines, places
from tests.e2e.live_stack import eventually

PROGRAM = Path(__file__).parent / "trident_alone"
CONTRIBUTOR: Final = "b24988ac-6180-42a0-ab88-20f7382dd24c"
WRONG = "Wr0ng-client-secret-0123456789"


@dataclass(frozen=True)
class Alone:
    """A stack with only Trident and its backend."""

    stack: Stack

    def up(
        self, authentication: str = "clientSecret", client_id: str = "", *, install: int = 120, bind: int = 120
    ) -> Run:
        """Run `pulumi up` with timeouts for Trident and its backend in seconds; allow failure."""
        own = {"authentication": authentication, "clientId": client_id}
        own |= {"installSeconds": str(install), "bindSeconds": str(bind)}
        config = {f"trident-alone:{key}": value for key, value in own.items()}
        config["azure-native:location"] = "koreacentral"
        (self.stack.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
        return self.stack.pulumi("up", "--yes", "--skip-preview")

    def secret(self, value: str) -> None:
        """Set the client secret of Trident."""
        done = self.stack.pulumi("config", "set", "--secret", "trident-alone:clientSecret", standard_input=value)
        assert done.code == 0, done.output

    def signs_in(self, authentication: str, client_id: str = "") -> str:
        """Run `pulumi up` with another sign-in; return the name of the controller's Pod, which must be a new one."""
        before = self.controllers()
        run = self.up(authentication, client_id)
        assert run.code == 0, run.output
        [pod] = self.controllers()
        assert pod not in before
        return pod

    def controllers(self) -> list[str]:
        pods = self.stack.get("pods", namespace="trident")["items"]
        running = [pod["metadata"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        return [pod["name"] for pod in running if pod["labels"].get("app") == "controller.csi.trident.netapp.io"]

    def await_backend(self, status: str, words: str) -> None:
        def judged() -> bool:
            found = self.stack.get("tbc", "backend-tbc-anf-smb", "trident")["status"]
            return found["lastOperationStatus"] == status and words in found["message"]

        eventually(judged, f"the backend is {status}: {words}")

    @property
    def faults(self) -> StandingFaults:
        return StandingFaults(Store(self.stack.paths.arm_database))


@pytest.fixture(scope="module")
def alone(stack: Stack) -> Alone:
    """Return the stack in a sandbox with an account and a pool."""
    folder = stack.folder / "trident-alone"
    shutil.copytree(PROGRAM, folder)
    (folder / "components").symlink_to(stack.folder / "components")
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    account_with_pool(AzureClients(stack.paths))
    return Alone(Stack(stack.paths, folder))


def account_with_pool(azure: AzureClients) -> None:
    """Create a delegated subnet, an account with a directory, and a pool of 1 TiB."""
    group, location = "rg-anf", "koreacentral"
    azure.group(group)
    delegation = {"name": "anf", "properties": {"serviceName": "Microsoft.Netapp/volumes"}}
    subnet = {"name": "anf", "properties": {"addressPrefix": "10.40.1.0/26", "delegations": [delegation]}}
    network: Any = {"location": location, "properties": {"addressSpace": {"addressPrefixes": ["10.40.0.0/16"]}}}
    network["properties"]["subnets"] = [subnet]
    azure.network.virtual_networks.begin_create_or_update(group, f"vnet-{group}", network).result()
    directory = {"username": "anf-join", "password": "J0in-the-directory", "domain": "contoso.com", "dns": "10.40.0.4"}
    directory |= {"site": "Default-First-Site-Name", "smbServerName": "ANF"}
    account: Any = {"location": location, "properties": {"activeDirectories": [directory]}}
    azure.netapp.accounts.begin_create_or_update(group, f"account-{group}", account).result()
    pool: Any = {"location": location, "properties": {"size": 2**40, "serviceLevel": "Standard"}}
    azure.netapp.pools.begin_create_or_update(group, f"account-{group}", "pool-dev", pool).result()


def test_late_types_are_awaited_and_a_wrong_client_secret_is_reported_but_not_shown(alone: Alone) -> None:
    alone.secret(WRONG)
    alone.faults.set(TRIDENT_CRDS_LATE, 3)
    command_lines = CommandLines()
    with command_lines:
        run = alone.up(bind=20)
    alone.faults.clear()
    assert run.code != 0
    assert "TridentBackendConfig backend-tbc-anf-smb says: Failed to create backend" in run.output
    assert "AADSTS7000215" in run.output
    assert places(alone.stack, WRONG, command_lines, run.output) == []
    began, late = (made(alone.stack, name) for name in ("torc/trident", "crd/tridentbackendconfigs.trident.netapp.io"))
    assert (late - began).total_seconds() >= 2


def test_what_was_wrong_is_fixed_by_the_next_up(alone: Alone) -> None:
    alone.secret(ensure_trident(alone.stack.paths).client_secret)
    run = alone.up()
    assert run.code == 0, run.output


def test_another_sign_in_is_the_one_that_trident_uses(alone: Alone) -> None:
    """Change the sign-in of a running Trident: each `up` ends with a controller that has it."""
    azure = AzureClients(alone.stack.paths)
    permitted, other = (identity(azure, name) for name in ("permitted", "other"))
    contributor(azure, permitted["principalId"])
    alone.signs_in("workloadIdentity", permitted["clientId"])
    alone.await_backend("Success", "updated")
    alone.signs_in("workloadIdentity", other["clientId"])
    alone.await_backend("Failed", "capacity pool query returned no data")  # it signs in, and may read nothing
    contributor(azure, cluster(azure)["identityProfile"]["kubeletidentity"]["objectId"])
    alone.signs_in("managedIdentity")
    alone.await_backend("Success", "updated")
    pod = alone.signs_in("clientSecret")
    alone.await_backend("Success", "updated")
    again = alone.up("clientSecret")
    assert again.code == 0, again.output
    assert alone.controllers() == [pod]
    alone.signs_in("workloadIdentity", permitted["clientId"])
    alone.await_backend("Success", "updated")


def test_what_there_is_goes_in_order(alone: Alone) -> None:
    gone = alone.stack.pulumi("destroy", "--yes", "--skip-preview")
    assert gone.code == 0, gone.output
    assert alone.stack.get("tbc,tbe", namespace="trident")["items"] == []


def test_an_operator_that_never_gets_done_is_given_its_time_and_no_more(alone: Alone) -> None:
    alone.faults.set(TRIDENT_NEVER_INSTALLED)
    began = time.monotonic()
    run = alone.up(install=30)
    assert run.code != 0
    assert time.monotonic() - began < 300
    assert "TridentOrchestrator trident says: Failed to install Trident; err: pod provisioning" in run.output


def test_an_interrupt_ends_the_wait_at_once(alone: Alone) -> None:
    """Interrupt `up` while Trident's installation still fails."""
    command = [sys.executable, "-m", "sandbox", "pulumi", "up", "--yes", "--skip-preview", "--stack", "dev"]
    environment = os.environ | {"ANF_SANDBOX_HOME": str(alone.stack.paths.root)}
    piped = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=alone.stack.folder, env=environment, stdout=piped, stderr=piped, text=True
    ) as up:
        assert up.stdout is not None
        waits = next((line for line in up.stdout if "Installed" in line), None)  # the plugin says for what
        up.send_signal(signal.SIGINT)
        said, _ = up.communicate(timeout=300)
    assert waits is not None
    assert up.returncode != 0
    assert "cancelling" in said


def identity(azure: AzureClients, name: str) -> dict[str, str]:
    """Create a managed identity that trusts Trident's controller; return its properties."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-anf"
    path = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    trusted = {
        "issuer": cluster(azure)["oidcIssuerProfile"]["issuerURL"],
        "subject": "system:serviceaccount:trident:trident-controller",
        "audiences": ["api://AzureADTokenExchange"],
    }
    made = put(azure, path, "2023-01-31", {"location": "koreacentral"})
    put(azure, f"{path}/federatedIdentityCredentials/aks", "2023-01-31", {"properties": trusted})
    return made["properties"]


def cluster(azure: AzureClients) -> dict[str, Any]:
    path = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-aks-dev"
    path += "/providers/Microsoft.ContainerService/managedClusters/aks-dev"
    found = azure.http.get(path, params={"api-version": "2025-08-01"}).raise_for_status().json()
    return found["properties"]


def contributor(azure: AzureClients, principal: str) -> None:
    """Let a principal do everything in the account's group, and read features."""
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    role = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"
    assignment = {"roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal"}
    path = f"{subscription}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    put(azure, path, "2022-04-01", {"properties": assignment})


def put(azure: AzureClients, path: str, version: str, body: dict[str, Any]) -> dict[str, Any]:
    return azure.http.put(path, params={"api-version": version}, json=body).raise_for_status().json()


def made(stack: Stack, name: str) -> datetime:
    written = stack.kubectl("get", name, "-o", "jsonpath={.metadata.creationTimestamp}")
    return datetime.fromisoformat(written)
