"""csi-driver-smb across its version 1.17, where Kubernetes refuses the change of its CSIDriver."""

import pytest

from tests.e2e.conftest import Stack

WITHOUT_INLINE_VOLUMES = {"feature": {"enableInlineVolume": False}}


@pytest.fixture(scope="module")
def static(stack: Stack) -> Stack:
    """Return stack dev without the dynamic way, with the last driver before 1.17."""
    stack.configure(trident=None, dynamicClaims=None, smbDriver={"version": "v1.16.0"})
    stack.up()
    return stack


def test_the_preview_refuses_the_upgrade_and_names_the_value_with_which_it_passes(static: Stack) -> None:
    static.configure(smbDriver={"version": "1.20.3"})
    run = static.pulumi("preview")
    assert run.code != 0
    assert "csi-driver-smb v1.16.0 cannot become 1.20.3 in place" in run.output
    assert "Fix: values (anf-smb:smbDriver.values) {feature: {enableInlineVolume: false}}" in run.output

    static.configure(smbDriver={"version": "1.20.3", "values": WITHOUT_INLINE_VOLUMES})
    static.up()
    assert static.outputs()["smbDriverVersion"] == "1.20.3"
    assert static.get("csidriver", "smb.csi.k8s.io")["spec"]["volumeLifecycleModes"] == ["Persistent"]
    assert static.get("pod", "iis-pod")["status"]["phase"] == "Running"


def test_the_value_has_to_stay_and_the_way_back_is_open_with_it(static: Stack) -> None:
    static.configure(smbDriver={"version": "1.20.3"})
    run = static.pulumi("preview")
    assert run.code != 0
    assert "its CSIDriver would get the volumeLifecycleModes Persistent, Ephemeral" in run.output
    static.configure(smbDriver={"version": "v1.16.0", "values": WITHOUT_INLINE_VOLUMES})
    static.up()
    assert static.outputs()["smbDriverVersion"] == "v1.16.0"
