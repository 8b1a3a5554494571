"""What exists already: refused in the preview with the ways out, adopted without changes, or used as it is."""

import json
import re
import shlex
from typing import Any, Final

import pytest

from sandbox.testing import AzureClients
from tests.e2e.conftest import Stack, operations

SUBSCRIPTION: Final = "/subscriptions/00000000-0000-0000-0000-000000000000"
GROUP: Final = f"{SUBSCRIPTION}/resourceGroups/rg-anf-dev"
NETWORK: Final = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
ACCOUNT: Final = f"{GROUP}/providers/Microsoft.NetApp/netAppAccounts/anf-dev"
POOL: Final = f"{ACCOUNT}/capacityPools/pool-dev"
HERE: Final = {"location": "koreacentral"}
COMMAND: Final = re.compile(r"pulumi (config set --path '[^']+' '[^']+')")
BY_HAND: Final = {
    "anf-group",
    "anf-subnet",
    "anf-account",
    "pool-dev-pool",
    "smb-volume",
    "smb-static-namespace",
    "smb-static-smbcreds",
    "smb-persistent-volume",
    "smb-claim",
}


def create(stack: Stack, *manifests: dict[str, Any]) -> None:
    file = stack.folder / "by-hand.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))
    stack.kubectl("apply", "-f", str(file))


def volume_of(stack: Stack, name: str = "smb") -> Any:
    return AzureClients(stack.paths).netapp.volumes.get("rg-anf-dev", "anf-dev", "pool-dev", name)


def create_volume(clients: AzureClients, name: str, protocol: str) -> Any:
    properties = {
        "creationToken": name,
        "usageThreshold": 100 << 30,
        "subnetId": f"{NETWORK}/subnets/anf",
        "protocolTypes": [protocol],
        "networkFeatures": "Standard",
    }
    body: Any = {**HERE, "properties": properties}
    return clients.netapp.volumes.begin_create_or_update("rg-anf-dev", "anf-dev", "pool-dev", name, body).result()


@pytest.fixture(scope="module")
def by_hand(stack: Stack) -> Stack:
    """Create everything of the static path as the documented procedure does it: with Azure's clients and kubectl."""
    stack.configure(dynamicClaims=None, trident={"enabled": True, "version": "100.2606.0"})
    stack.pulumi("preview")  # the sandbox generates the stack's passwords
    clients = AzureClients(stack.paths)
    clients.http.put(GROUP, params={"api-version": "2024-07-01"}, json=HERE).raise_for_status()
    networks: Any = clients.network
    delegation = {"name": "netapp", "properties": {"serviceName": "Microsoft.Netapp/volumes"}}
    networks.subnets.begin_create_or_update(
        "rg-hub",
        "vnet-hub",
        "anf",
        {"properties": {"addressPrefix": "10.40.1.0/26", "delegations": [delegation]}},
    ).result()
    directory = {
        "domain": "contoso.com",
        "dns": "10.40.0.4",
        "site": "Default-First-Site-Name",
        "smbServerName": "ANF",
        "username": "anf-join",
        "password": stack.secret_config("activeDirectoryPassword"),
    }
    netapp: Any = clients.netapp
    netapp.accounts.begin_create_or_update(
        "rg-anf-dev", "anf-dev", {**HERE, "properties": {"activeDirectories": [directory]}}
    ).result()
    netapp.pools.begin_create_or_update(
        "rg-anf-dev", "anf-dev", "pool-dev", {**HERE, "properties": {"serviceLevel": "Standard", "size": 1 << 40}}
    ).result()
    server = create_volume(clients, "smb", "CIFS").properties.mount_targets[0].smb_server_fqdn
    user = {"domain": "CONTOSO", "username": "svc-web", "password": stack.secret_config("smbPassword")}
    create(
        stack,
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "smb-static"}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "smbcreds", "namespace": "smb-static"},
            "stringData": user,
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": "anf-pv-smb"},
            "spec": {
                "capacity": {"storage": "100Gi"},
                "accessModes": ["ReadWriteMany"],
                "persistentVolumeReclaimPolicy": "Retain",
                "mountOptions": ["dir_mode=0777", "file_mode=0777", "vers=3.0"],
                "csi": {
                    "driver": "smb.csi.k8s.io",
                    "readOnly": False,
                    "volumeHandle": "smb-by-hand",
                    "volumeAttributes": {"source": rf"\\{server}\smb"},
                    "nodeStageSecretRef": {"name": "smbcreds", "namespace": "smb-static"},
                },
            },
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "anf-pvc-smb", "namespace": "smb-static"},
            "spec": {
                "accessModes": ["ReadWriteMany"],
                "storageClassName": "",
                "volumeName": "anf-pv-smb",
                "resources": {"requests": {"storage": "100Gi"}},
            },
        },
    )
    return stack


def identities(stack: Stack) -> dict[str, str]:
    """Return what would differ if something had been deleted and created again."""
    return {
        "volume": volume_of(stack).properties.file_system_id,
        "namespace": stack.get("namespace", "smb-static")["metadata"]["uid"],
        "persistent volume": stack.get("pv", "anf-pv-smb")["metadata"]["uid"],
        "claim": stack.get("pvc", "anf-pvc-smb")["metadata"]["uid"],
    }


def refused(output: str) -> set[str]:
    return set(re.findall(r"exists already, and (\S+) would create it\. Fix: ", output))


def test_a_preview_names_all_that_exists_with_the_ways_out(by_hand: Stack) -> None:
    run = by_hand.pulumi("preview")
    assert run.code != 0
    assert refused(run.output) == BY_HAND
    assert "by existing (anf-smb:account.existing); or create another, by name (anf-smb:account.name)" in run.output
    assert "by anf-smb:existingNamespaces" in run.output
    assert f"'anf-smb:adopt.pool-dev-pool' '{POOL}'" in run.output
    assert "Traceback" not in run.output
    kubeconfig = by_hand.paths.kubeconfig.read_text()
    secrets = re.findall(r"(?:client-key-data|token): (\S+)", kubeconfig)
    assert secrets
    assert not [secret for secret in secrets if secret in run.output]


def test_a_driver_that_the_cluster_has_is_used_by_a_key(by_hand: Stack) -> None:
    other = {"meta.helm.sh/release-name": "smb", "meta.helm.sh/release-namespace": "storage"}
    driver = {"name": "smb.csi.k8s.io", "annotations": other}
    create(by_hand, {"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": driver, "spec": {}})
    try:
        output = by_hand.pulumi("preview").output
    finally:
        by_hand.kubectl("delete", "csidriver", "smb.csi.k8s.io")
    assert refused(output) == BY_HAND | {"csi-driver-smb-release"}
    assert "Another csi-driver-smb (storage/smb), whose CSIDriver smb.csi.k8s.io exists already" in output
    assert "use the one that the cluster has, by anf-smb:smbDriver.enabled: false" in output
    assert "adopt.csi-driver-smb-release" not in output


def test_an_up_without_a_preview_stops_before_it_changes_what_exists(by_hand: Stack) -> None:
    before = identities(by_hand)
    run = by_hand.pulumi("up", "--yes", "--skip-preview")
    assert run.code != 0
    assert refused(run.output)
    assert identities(by_hand) == before
    owned = {each["urn"].rpartition("::")[2] for each in by_hand.state()["deployment"].get("resources", [])}
    assert not owned & BY_HAND


def test_what_was_made_by_hand_is_adopted_by_the_commands_of_the_refusal(by_hand: Stack) -> None:
    before = identities(by_hand)
    for command in set(COMMAND.findall(by_hand.pulumi("preview").output)):
        assert by_hand.pulumi(*shlex.split(command)).code == 0
    adopted_volume = {"name": "smb", "sizeGiB": 100, "volumeHandle": "smb-by-hand"}
    by_hand.configure(volumes=[adopted_volume], tags={"costCenter": "4711"})

    steps = by_hand.events()
    adopted = {step["urn"].rpartition("::")[2] for step in steps if step["op"] == "import"}
    assert adopted == BY_HAND
    done = {step["urn"].rpartition("::")[2]: step["op"] for step in steps}
    assert {done[name] for name in adopted} <= {"import", "update"}  # never a replacement

    by_hand.up()
    assert identities(by_hand) == before
    assert by_hand.get("pod", "iis-pod")["status"]["phase"] == "Running"
    assert by_hand.pulumi("preview", "--expect-no-changes").code == 0
    assert by_hand.pulumi("config", "rm", "anf-smb:adopt").code == 0
    run = by_hand.pulumi("preview", "--expect-no-changes")
    assert run.code == 0, run.output


def test_a_claim_of_trident_made_by_hand_is_adopted_with_its_files(by_hand: Stack) -> None:
    spec = {"accessModes": ["ReadWriteMany"], "storageClassName": "anf-sc-smb"}
    size = {"resources": {"requests": {"storage": "100Gi"}}}
    pod = by_hand.get("pod", "iis-pod")["spec"]
    mounted = [{"name": "smb", "persistentVolumeClaim": {"claimName": "anf-pvc-smb-dynamic"}}]
    container = {key: pod["containers"][0][key] for key in ("name", "image", "resources", "ports")}
    container["volumeMounts"] = [each for each in pod["containers"][0]["volumeMounts"] if each["name"] == "smb"]
    create(
        by_hand,
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "anf-pvc-smb-dynamic", "namespace": "smb-dynamic"},
            "spec": {**spec, **size},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "by-hand", "namespace": "smb-dynamic"},
            "spec": {
                "nodeSelector": pod["nodeSelector"],
                "tolerations": pod["tolerations"],
                "containers": [container],
                "volumes": mounted,
            },
        },
    )
    by_hand.kubectl("wait", "pod/by-hand", "-n", "smb-dynamic", "--for=condition=Ready", "--timeout=120s")
    write = ("cmd", "/c", r"echo hello > C:\inetpub\wwwroot\hello.txt")
    by_hand.kubectl("exec", "by-hand", "-n", "smb-dynamic", "--", *write)
    before = by_hand.get("pvc", "anf-pvc-smb-dynamic", "smb-dynamic")

    by_hand.configure(dynamicClaims=[{"name": "smb-dynamic", "sizeGiB": 100}])
    run = by_hand.pulumi("preview")
    assert refused(run.output) == {"smb-dynamic-claim"}
    for command in set(COMMAND.findall(run.output)):
        assert by_hand.pulumi(*shlex.split(command)).code == 0
    by_hand.up()
    after = by_hand.get("pvc", "anf-pvc-smb-dynamic", "smb-dynamic")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["spec"]["volumeName"] == before["spec"]["volumeName"]
    look = ("cmd", "/c", r"dir C:\inetpub\wwwroot")
    assert "hello.txt" in by_hand.kubectl("exec", "iis-pod", "-n", "smb-dynamic", "--", *look)
    assert by_hand.pulumi("config", "rm", "anf-smb:adopt").code == 0
    run = by_hand.pulumi("preview", "--expect-no-changes")
    assert run.code == 0, run.output


def test_a_replacement_of_the_stack_s_own_is_not_refused(by_hand: Stack) -> None:
    urns = [each["urn"] for each in by_hand.state()["deployment"]["resources"]]
    (pod,) = [urn for urn in urns if urn.endswith("StaticPath$anf-smb:index:IisPod$kubernetes:core/v1:Pod::smb-pod")]
    assert operations(by_hand.events("--replace", pod))["smb-pod"] in {"replace", "create-replacement"}


def test_from_created_to_existing_an_unprotected_volume_is_forgotten_and_never_deleted(by_hand: Stack) -> None:
    by_hand.configure(protect=False)
    by_hand.up()
    before = identities(by_hand)
    by_hand.configure(volumes=[{"name": "smb", "existing": True, "volumeHandle": "smb-by-hand"}])
    by_hand.up()
    assert identities(by_hand) == before
    assert by_hand.get("pv", "anf-pv-smb")["spec"]["capacity"]["storage"] == "100Gi"
    run = by_hand.pulumi("preview", "--expect-no-changes")
    assert run.code == 0, run.output
    resources = by_hand.state()["deployment"]["resources"]
    owned = [each for each in resources if each["type"].endswith(":CapacityPoolVolume") and not each.get("external")]
    assert owned == []

    by_hand.configure(volumes=[{"name": "smb", "sizeGiB": 100, "volumeHandle": "smb-by-hand"}])
    assert refused(by_hand.pulumi("preview").output) == {"smb-volume"}
    by_hand.configure(adopt={"smb-volume": f"{POOL}/volumes/smb"})
    by_hand.up()
    assert identities(by_hand) == before
    by_hand.configure(adopt=None)


def test_an_existing_volume_that_is_missing_or_no_share_fails_the_preview(by_hand: Stack) -> None:
    create_volume(AzureClients(by_hand.paths), "nfs", "NFSv3")
    smb = {"name": "smb", "sizeGiB": 100, "volumeHandle": "smb-by-hand"}
    for name, said in {
        "missing": "The existing volume of missing could not be read",
        "nfs": "has protocol NFSv3",
    }.items():
        by_hand.configure(volumes=[smb, {"name": name, "existing": True}])
        run = by_hand.pulumi("preview")
        assert run.code != 0
        assert said in run.output
    by_hand.configure(volumes=[smb])
