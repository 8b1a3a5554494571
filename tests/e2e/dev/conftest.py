"""Stack dev in one sandbox: first not deployed, then deployed once for the other test files."""

import sys
from collections.abc import Generator

import pytest

from sandbox.testing import AzureClients
from tests.e2e.conftest import Run, Stack, make_stack
from tests.project import PROJECT

POLICIES = ("--policy-pack", str(PROJECT / "policy"))


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    """Yield a sandbox with the committed stack `dev`; tests must restore the stack file."""
    yield from make_stack(tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="package")
def failed(stack: Stack) -> Run:
    """Return the first `up`, which fails: Azure cannot join the directory."""
    assert stack.sandbox("faults", "add", "dns").code == 0
    return stack.pulumi("up", "--yes", "--skip-preview")


@pytest.fixture(scope="package")
def judged(stack: Stack, failed: Run) -> dict[str, Run]:
    """Return what verify and diagnose say after the failed `up`."""
    assert failed.code != 0
    command = ("run", "--", sys.executable, "-m", "verify")
    at = ("--stack", stack.name, "--cwd", str(stack.folder))
    return {
        "verify": stack.sandbox(*command, "--json", *at),
        "diagnose": stack.sandbox(*command, "diagnose", "iis-pod", "-n", "smb-static", *at),
    }


@pytest.fixture(scope="package")
def created(stack: Stack, judged: dict[str, Run]) -> set[str]:
    """Return the types of what the failed `up` created."""
    assert judged
    return {resource["type"] for resource in stack.state()["deployment"]["resources"]}


@pytest.fixture(scope="package")
def succeeded(stack: Stack, created: set[str]) -> Run:
    """Return the `up` after the README's fix, with the policy pack."""
    assert created
    AzureClients(stack.paths).netapp.volumes.begin_delete("rg-anf-dev", "anf-dev", "pool-dev", "smb").result()
    configuration = str(PROJECT / "policy" / "configuration.json")
    run = stack.pulumi("up", "--yes", "--skip-preview", "--refresh", *POLICIES, "--policy-pack-config", configuration)
    assert run.code == 0, run.output
    return run


@pytest.fixture(scope="package")
def deployed(stack: Stack, succeeded: Run) -> Stack:
    """Return the deployed stack."""
    return stack
