"""What goes wrong with Trident: `up` ends in its time, and says what Trident says."""

import shutil
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from sandbox.azure.entra import credentials
from sandbox.kube.api import KubeApi
from sandbox.trident.faults import CRDS_LATE, NEVER_INSTALLED, TridentFaults
from sandbox.trident.service import TridentService
from tests.azure.clients import AzureClients
from tests.e2e.conftest import Run, Stack
from tests.e2e.leaks import CommandLines, places
from tests.trident.world import TridentSandbox

PROGRAM = Path(__file__).parent / "trident_alone"
WRONG = "Wr0ng-client-secret-0123456789"


@dataclass(frozen=True)
class Alone:
    """Trident and its backend without a stack of shares around them."""

    stack: Stack

    def up(self, *, install: float = 120, bind: float = 120) -> Run:
        """`pulumi up`, whatever comes of it, with so many seconds for Trident and for its backend."""
        limits = {"trident-alone:installSeconds": install, "trident-alone:bindSeconds": bind}
        config = {"azure-native:location": "koreacentral"} | limits
        (self.stack.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
        return self.stack.pulumi("up", "--yes", "--skip-preview")

    def secret(self, value: str) -> None:
        """What Trident signs in with."""
        done = self.stack.pulumi("config", "set", "--secret", "trident-alone:clientSecret", standard_input=value)
        assert done.code == 0, done.output

    @property
    def faults(self) -> TridentFaults:
        return TridentFaults(self.stack.paths)


@pytest.fixture(scope="module")
def alone(stack: Stack) -> Alone:
    """In a sandbox with the account and the pool that a backend needs."""
    folder = stack.folder / "trident-alone"
    shutil.copytree(PROGRAM, folder)
    (folder / "components").symlink_to(stack.folder / "components")
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    paths = stack.paths
    api, service = KubeApi(paths.kubeconfig), TridentService(paths)
    TridentSandbox(paths, api, AzureClients(paths), service).resources()
    return Alone(Stack(paths, folder))


def test_types_that_come_late_are_awaited_and_a_wrong_client_secret_is_told_and_shown_to_nobody(alone: Alone) -> None:
    alone.secret(WRONG)
    alone.faults.set(CRDS_LATE, 3)
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
    alone.secret(credentials.ensure_trident(alone.stack.paths).client_secret)
    run = alone.up()
    assert run.code == 0, run.output
    gone = alone.stack.pulumi("destroy", "--yes", "--skip-preview")
    assert gone.code == 0, gone.output
    assert alone.stack.get("tbc,tbe", namespace="trident")["items"] == []


def test_an_operator_that_never_gets_done_is_given_its_time_and_no_more(alone: Alone) -> None:
    alone.faults.set(NEVER_INSTALLED)
    began = time.monotonic()
    run = alone.up(install=12)
    assert run.code != 0
    assert time.monotonic() - began < 60
    assert "TridentOrchestrator trident says: Failed to install Trident; err: pod provisioning" in run.output


def made(stack: Stack, name: str) -> datetime:
    written = stack.kubectl("get", name, "-o", "jsonpath={.metadata.creationTimestamp}")
    return datetime.fromisoformat(written)
