"""Invalid input and policy violations: one clear error each, a non-zero exit code, no registered resource."""

import importlib.metadata
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.testing import SUBSCRIPTION, AzureClients
from tests.e2e.conftest import Run, Stack
from tests.e2e.dev.conftest import POLICIES

NETWORKS: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"


def test_every_error_of_a_stack_is_reported_at_once_and_nothing_is_registered(stack: Stack) -> None:
    stack.configure(
        pools=[{"name": "pool-dev", "serviceLevel": "Gold", "sizeTiB": 1}],
        volumes=[{"name": "smb", "sizeGiB": 10}, {"name": "smb", "sizeGib": 100}],
        smbUsers={"domain": "CONTOSO"},
    )
    try:
        run = stack.pulumi("up", "--yes", "--skip-preview")
    finally:
        stack.as_committed()
    assert run.code != 0
    for key in (
        "anf-smb:pools[0].serviceLevel",
        "anf-smb:volumes[0].sizeGiB",
        "anf-smb:volumes[1].sizeGib",
        "smbUsers",
    ):
        assert key in run.output, run.output
    assert "Traceback" not in run.output
    registered = {resource["type"] for resource in stack.state()["deployment"].get("resources", [])}
    assert registered <= {"pulumi:pulumi:Stack"}


def test_a_region_that_azure_does_not_offer_fails_in_preview(stack: Stack) -> None:
    file = stack.folder / f"Pulumi.{stack.name}.yaml"
    file.write_text(file.read_text().replace("azure-native:location: koreacentral", "azure-native:location: moon"))
    try:
        run = stack.pulumi("preview")
    finally:
        stack.as_committed()
    assert run.code != 0
    assert "azure-native:location) is 'moon', where Azure does not offer Microsoft.NetApp" in run.output, run.output
    assert "Traceback" not in run.output


def test_a_new_network_that_reaches_no_dns_server_fails_in_preview_with_the_fix(stack: Stack) -> None:
    own = {
        "virtualNetwork": "vnet-anf",
        "addressSpace": "10.60.0.0/16",
        "subnet": "anf",
        "subnetPrefix": "10.60.1.0/26",
    }
    aks = f"{NETWORKS}/rg-aks-dev/providers/Microsoft.Network/virtualNetworks/vnet-aks"
    for network, said in (
        (own, "vnet-anf is peered with no other one"),
        (own | {"peerings": [aks]}, r"names .*/vnet-aks \(10\.50\.0\.0/16\), and a peering leads to no third network"),
    ):
        stack.configure(network=network)
        try:
            run = stack.pulumi("preview")
        finally:
            stack.as_committed()
        assert run.code != 0
        assert re.search(said, run.output), run.output
        assert "anf-smb:network.peerings" in run.output
        assert "Traceback" not in run.output


def test_a_subnet_that_an_existing_network_cannot_take_fails_in_preview(stack: Stack) -> None:
    aks = f"{NETWORKS}/rg-aks-dev/providers/Microsoft.Network/virtualNetworks/vnet-aks"
    delegation = {"name": "netapp", "properties": {"serviceName": "Microsoft.Netapp/volumes"}}
    subnet: Any = {"properties": {"addressPrefix": "10.50.8.0/26", "delegations": [delegation]}}
    subnets = AzureClients(stack.paths).network.subnets
    subnets.begin_create_or_update("rg-aks-dev", "vnet-aks", "files", subnet).result()
    stack.configure(network={"virtualNetworkId": aks, "subnet": "anf", "subnetPrefix": "10.50.8.0/28"})
    try:
        run = stack.pulumi("preview")
    finally:
        stack.as_committed()
        subnets.begin_delete("rg-aks-dev", "vnet-aks", "files").result()
    assert run.code != 0
    assert "subnet_prefix (anf-smb:network.subnetPrefix) is 10.50.8.0/28" in run.output
    assert "overlaps files (10.50.8.0/26)" in run.output
    assert f"by subnet_id (anf-smb:network.subnetId): {aks}/subnets/files" in run.output


def test_one_azure_native_of_the_sdks_version_serves_resources_and_look_ups(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    requests = tmp_path / "requests.json"
    monkeypatch.setenv("PULUMI_DEBUG_GRPC", str(requests))
    assert stack.pulumi("preview").code == 0
    checked = [json.loads(line) for line in requests.read_text().splitlines() if "/CheckConfig" in line]
    providers = {each["request"]["name"] for each in checked if "azure-native" in each["request"]["urn"]}
    assert providers == {f"default_{importlib.metadata.version('pulumi-azure-native').replace('.', '_')}"}


def test_a_secret_in_plain_text_is_refused_and_not_repeated(stack: Stack) -> None:
    stack.pulumi("config", "rm", "anf-smb:smbPassword")
    stack.pulumi("config", "set", "--plaintext", "anf-smb:smbPassword", "Pl4in-and-readable")
    run = stack.pulumi("preview")
    assert run.code != 0
    assert "anf-smb:smbPassword" in run.output
    assert "Pl4in-and-readable" not in run.output
    stack.pulumi("config", "rm", "anf-smb:smbPassword")  # the sandbox makes up another one


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["up", "--nonsense"], "No such option"),
        (["frobnicate"], "No such command"),
        (["pulumi", "preview", "--stack", "nowhere"], "no stack named 'nowhere' found"),
        (["pulumi", "up", "--cwd", "nowhere", "--stack", "dev"], "nowhere: no such file or directory"),
        (["run"], "Say what to run"),
        (["run", "--", "no-such-command"], "no-such-command: no such command"),
    ],
)
def test_a_wrong_command_gets_one_clear_error(stack: Stack, arguments: list[str], message: str) -> None:
    run = stack.sandbox(*arguments)
    assert run.code != 0
    assert message in run.output
    assert "Traceback" not in run.output


def test_the_exit_code_of_pulumi_is_passed_through(stack: Stack) -> None:
    assert stack.sandbox("pulumi", "version").code == 0
    # The engine's exit code for a stack that does not exist: neither 0 nor the sandbox's own 1.
    assert stack.sandbox("pulumi", "stack", "output", "--stack", "nowhere").code == 6


def test_faults_are_set_listed_and_withdrawn(stack: Stack) -> None:
    assert stack.sandbox("faults", "add", "dns", "--times", "2").code == 0
    listed = stack.sandbox("faults", "list", "--json").document
    assert [(fault["left"], "Could not query DNS server" in fault["message"]) for fault in listed] == [(2, True)]
    assert stack.sandbox("faults", "add", "trident-never-installed").code == 0
    assert "trident-never-installed" in stack.sandbox("faults", "list", "--json").output
    assert stack.sandbox("faults", "clear").output.strip() == "2 withdrawn."
    refused = stack.sandbox("faults", "add", "earthquake")
    assert refused.code == 1
    assert "There are: dns," in refused.output


def test_a_password_of_an_unknown_domain_cannot_be_set(stack: Stack) -> None:
    refused = stack.sandbox("directory", "set-password", "svc-web", "--domain", "nowhere.example", standard_input="x\n")
    assert refused.code == 1
    assert "nowhere.example" in refused.output


def test_a_stack_that_breaks_a_rule_is_rejected_with_the_fix(stack: Stack, tmp_path: Path) -> None:
    no_stack_is_disposable = tmp_path / "configuration.json"
    no_stack_is_disposable.write_text("{}")
    stack.configure(protect=False, smbDriver={"version": "1.20.3", "values": {"adminPassword": "hunter2hunter2"}})
    try:
        run = stack.pulumi("preview", *POLICIES, "--policy-pack-config", str(no_stack_is_disposable))
    finally:
        stack.as_committed()
    assert run.code != 0
    assert "[mandatory] [severity: critical]  protected-data  (azure-native:netapp:CapacityPoolVolume" in run.output
    assert "is not protected. Set anf-smb:protect to true." in run.output
    assert "values.adminPassword of 'csi-driver-smb-release' is a secret in plain text" in run.output
    assert "hunter2hunter2" not in run.output
    assert "Traceback" not in run.output


def test_a_volume_that_azure_failed_to_create_is_fixed_as_documented(failed: Run, deployed: Stack) -> None:
    """Check that `up` replaces the failed volume."""
    assert failed.code != 0
    assert "Could not query DNS server" in failed.output
    assert deployed.outputs()["volumes"].keys() == {"smb"}


def test_stack_dev_passes_the_policy_pack(succeeded: Run) -> None:
    assert "✅ anf-smb@v" in succeeded.output
    assert "can't run policy" not in succeeded.output  # a rule must cope with what is not known yet
