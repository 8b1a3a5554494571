"""The policy pack under the engine: stack dev passes it, and a stack that breaks a rule is refused."""

from pathlib import Path

from sandbox.paths import PROJECT
from tests.e2e.conftest import Stack

PACK = ("--policy-pack", str(PROJECT / "policy"))


def test_stack_dev_passes(stack: Stack) -> None:
    run = stack.pulumi("preview", *PACK, "--policy-pack-config", str(PROJECT / "policy" / "configuration.json"))
    assert run.code == 0, run.output
    assert "✅ anf-smb@v" in run.output
    assert "can't run policy" not in run.output  # a rule must cope with what a first preview does not know


def test_a_stack_that_breaks_a_rule_is_refused_and_told_how_to_mend_it(stack: Stack, tmp_path: Path) -> None:
    no_stack_is_disposable = tmp_path / "configuration.json"
    no_stack_is_disposable.write_text("{}")
    stack.configure(protect=False, smbDriver={"version": "1.20.3", "values": {"adminPassword": "hunter2hunter2"}})
    try:
        run = stack.pulumi("preview", *PACK, "--policy-pack-config", str(no_stack_is_disposable))
    finally:
        stack.as_committed()
    assert run.code != 0
    assert "[mandatory] [severity: critical]  protected-data  (azure-native:netapp:CapacityPoolVolume" in run.output
    assert "is not protected. Set anf-smb:protect to true." in run.output
    assert "values.adminPassword of 'csi-driver-smb-release' holds a secret in plain text" in run.output
    assert "hunter2hunter2" not in run.output
    assert "Traceback" not in run.output
