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
from typing import Any

import pytest
import yaml

from sandbox.testing import (
    TRIDENT_CRDS_LATE,
    TRIDENT_NEVER_INSTALLED,
    AzureClients,
    StandingFaults,
    Store,
    ensure_trident,
)
from tests.e2e.conftest import Run, Stack
from tests.e2e.leaks import CommandLines, places

PROGRAM = Path(__file__).parent / "trident_alone"
WRONG = "Wr0ng-client-secret-0123456789"


@dataclass(frozen=True)
class Alone:
    """A stack with only Trident and its backend."""

    stack: Stack

    def up(self, *, install: int = 120, bind: int = 120) -> Run:
        """Run `pulumi up` with timeouts for Trident and its backend in seconds; allow failure."""
        limits = {"trident-alone:installSeconds": install, "trident-alone:bindSeconds": bind}
        config = {"azure-native:location": "koreacentral"} | limits
        (self.stack.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
        return self.stack.pulumi("up", "--yes", "--skip-preview")

    def secret(self, value: str) -> None:
        """Set the client secret of Trident."""
        done = self.stack.pulumi("config", "set", "--secret", "trident-alone:clientSecret", standard_input=value)
        assert done.code == 0, done.output

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
        run = alone.up(bind=5)
    alone.faults.clear()
    assert run.code != 0
    assert "TridentBackendConfig backend-tbc-anf-smb says: Failed to create backend" in run.output
    assert "AADSTS7000215" in run.output
    assert places(alone.stack, WRONG, command_lines, run.output) == []
    began, late = (made(alone.stack, name) for name in ("torc/trident", "crd/tridentbackendconfigs.trident.netapp.io"))
    assert (late - began).total_seconds() >= 2


def test_what_was_wrong_is_mended_by_the_next_up_and_goes_in_order(alone: Alone) -> None:
    alone.secret(ensure_trident(alone.stack.paths).client_secret)
    run = alone.up()
    assert run.code == 0, run.output
    gone = alone.stack.pulumi("destroy", "--yes", "--skip-preview")
    assert gone.code == 0, gone.output
    assert alone.stack.get("tbc,tbe", namespace="trident")["items"] == []


def test_an_operator_that_never_gets_done_is_given_its_time_and_no_more(alone: Alone) -> None:
    alone.faults.set(TRIDENT_NEVER_INSTALLED)
    began = time.monotonic()
    run = alone.up(install=12)
    assert run.code != 0
    assert time.monotonic() - began < 60
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
        said, _ = up.communicate(timeout=60)
    assert waits is not None
    assert up.returncode != 0
    assert "cancelling" in said


def made(stack: Stack, name: str) -> datetime:
    written = stack.kubectl("get", name, "-o", "jsonpath={.metadata.creationTimestamp}")
    return datetime.fromisoformat(written)
