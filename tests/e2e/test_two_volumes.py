"""Two volumes, two claims, one driver, beside the dynamic path; and the end of a whole stack."""

import pytest

from tests.azure.clients import AzureClients
from tests.azure.world import SUBSCRIPTION
from tests.e2e.conftest import Stack, operations

TWO = [{"name": "smb", "sizeGiB": 100}, {"name": "media", "sizeGiB": 200}]
NEW_PASSWORD = "An0ther-passw0rd-entirely"


@pytest.fixture(scope="module")
def deployed(stack: Stack) -> Stack:
    stack.configure(volumes=TWO)
    stack.up()
    return stack


def test_each_volume_has_its_own_share_and_a_ready_pod(deployed: Stack) -> None:
    outputs = deployed.outputs()
    paths = {name: volume["uncPath"] for name, volume in outputs["volumes"].items()}
    assert len(set(paths.values())) == 2
    for name, pod in ((name, volume["podName"]) for name, volume in outputs["volumes"].items()):
        source = deployed.get("pv", f"anf-pv-{name}")["spec"]["csi"]["volumeAttributes"]["source"]
        assert source == paths[name]
        conditions = {c["type"]: c["status"] for c in deployed.get("pod", pod)["status"]["conditions"]}
        assert conditions["Ready"] == "True"


def test_a_file_of_one_share_is_not_in_the_other(deployed: Stack) -> None:
    volumes = deployed.outputs()["volumes"]
    write = ("cmd", "/c", r"echo hello > C:\inetpub\wwwroot\hello.txt")
    deployed.kubectl("exec", volumes["smb"]["podName"], "-n", "smb-static", "--", *write)
    look = ("cmd", "/c", r"dir C:\inetpub\wwwroot")
    assert "hello.txt" in deployed.kubectl("exec", volumes["smb"]["podName"], "-n", "smb-static", "--", *look)
    assert "hello.txt" not in deployed.kubectl("exec", volumes["media"]["podName"], "-n", "smb-static", "--", *look)


def test_one_driver_serves_both(deployed: Stack) -> None:
    releases = deployed.sandbox("run", "--", "helm", "list", "--all-namespaces", "--short").output.split()
    assert releases == ["csi-driver-smb", "trident"]
    assert deployed.pulumi("preview", "--expect-no-changes").code == 0


def test_a_refresh_finds_no_drift_in_either_path(deployed: Stack) -> None:
    run = deployed.pulumi("refresh", "--yes", "--expect-no-changes")
    assert run.code == 0, run.output


def test_a_new_password_is_an_update_of_both_paths_secrets(deployed: Stack) -> None:
    set_password = ("config", "set", "--secret", "anf-smb:smbPassword")
    assert deployed.pulumi(*set_password, standard_input=NEW_PASSWORD).code == 0
    assert deployed.sandbox("directory", "set-password", "svc-web", standard_input=NEW_PASSWORD).code == 0
    assert operations(deployed.events()) == {"smb-static-smbcreds": "update", "smb-dynamic-smbcreds": "update"}


def test_protection_refuses_destroy(deployed: Stack) -> None:
    run = deployed.pulumi("destroy", "--yes", "--skip-preview")
    assert run.code != 0
    assert "protect" in run.output
    assert deployed.outputs()["volumes"].keys() == {"smb", "media"}


def test_a_half_done_destroy_is_finished_without_the_program(deployed: Stack) -> None:
    """One volume is gone already, and the stack does not know: the program cannot read it, and says what to do."""
    deployed.configure(protect=False)
    deployed.up()
    AzureClients(deployed.paths).netapp.volumes.begin_delete("rg-anf-dev", "anf-dev", "pool-dev", "media").result()

    run = deployed.pulumi("destroy", "--yes", "--skip-preview", "--run-program")
    assert run.code != 0
    assert "ends with `pulumi destroy`, without --run-program" in run.output

    run = deployed.pulumi("destroy", "--yes", "--skip-preview")
    assert run.code == 0, run.output


def test_after_the_destroy_nothing_is_left(deployed: Stack) -> None:
    assert azure_resources(deployed) == []
    assert deployed.get("pv")["items"] == []
    assert not {"namespace/smb-static", "namespace/smb-dynamic"} & set(
        deployed.kubectl("get", "namespaces", "-o", "name").split()
    )
    assert deployed.sandbox("run", "--", "helm", "list", "--all-namespaces", "--short").output.split() == []
    assert "csi-smb" not in deployed.kubectl("get", "pods", "--all-namespaces", "-o", "name")


def test_a_volume_that_azure_failed_to_make_is_mended_as_documented(deployed: Stack) -> None:
    """After the destroy, as committed: Azure cannot join the directory. A failed volume can only be deleted."""
    deployed.static_alone()
    assert deployed.sandbox("faults", "add", "dns").code == 0
    failed = deployed.pulumi("up", "--yes", "--skip-preview")
    assert failed.code != 0
    assert "Could not query DNS server" in failed.output

    deployed.as_committed()  # and with the dynamic path, which has to come up again, too
    azure = AzureClients(deployed.paths)
    azure.netapp.volumes.begin_delete("rg-anf-dev", "anf-dev", "pool-dev", "smb").result()
    run = deployed.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert run.code == 0, run.output
    assert deployed.outputs()["volumes"].keys() == {"smb"}
    assert deployed.pulumi("preview", "--expect-no-changes").code == 0


def azure_resources(stack: Stack) -> list[str]:
    """The resource groups of the emulator, and so all that is in them."""
    groups = AzureClients(stack.paths).http.get(
        f"/subscriptions/{SUBSCRIPTION}/resourcegroups", params={"api-version": "2024-07-01"}
    )
    return [group["name"] for group in groups.raise_for_status().json()["value"]]
