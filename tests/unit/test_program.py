"""The static way of the program under mocks: its resources, their order, their protection and their secrets."""

import json
import threading
from typing import Any, Final

import pulumi
import pytest
from pulumi.output import Unknown
from pulumi.runtime.mocks import MockResourceArgs

from tests.unit.unit_mocks import (
    ACCOUNT,
    CLAIM,
    KUBECONFIG,
    KUBERNETES_SECRET,
    NAMESPACE,
    OWN_NETWORK,
    PASSWORDS,
    PERSISTENT_VOLUME,
    POD,
    POOL,
    PROVIDER,
    RELEASE,
    SUBNET,
    VOLUME,
    Cloud,
    Registered,
    Run,
    committed,
    is_secret,
    run_static,
    static,
)

TWO: Final = [{"name": "smb", "sizeGiB": 100}, {"name": "data", "sizeGiB": 200}]


def names(run: Run, resource: Registered) -> set[str]:
    """Return the names of the resources that a resource depends on."""
    by_urn = {other.urn: other.name for other in run.monitor.registered}
    return {by_urn[urn] for urn in resource.request.dependencies if urn}


def test_a_volume_is_a_windows_share_with_its_sizes_said_outright() -> None:
    run = static()
    volume = run.one(VOLUME).inputs
    assert volume["protocolTypes"] == ["CIFS"]
    assert volume["securityStyle"] == "ntfs"
    assert volume["usageThreshold"] == 100 * 1024**3
    assert run.one(POOL).inputs["size"] == 1024**4
    assert "unixPermissions" not in volume
    assert "exportPolicy" not in volume


def test_azure_is_given_plain_names_that_a_first_preview_knows() -> None:
    run = run_static(preview=True)
    volume = run.one(VOLUME).inputs
    assert (volume["accountName"], volume["poolName"], volume["volumeName"]) == ("anf-dev", "pool-dev", "smb")
    assert volume["resourceGroupName"] == "rg-anf-dev"


def test_a_first_preview_looks_up_nothing_that_is_yet_to_be_made() -> None:
    run = run_static(preview=True)
    assert run.cloud.calls == ["azure-native:containerservice:listManagedClusterUserCredentials"]
    assert run.one(PERSISTENT_VOLUME).inputs["spec"]["capacity"] == {"storage": "100Gi"}


def test_the_share_is_made_from_what_azure_answers() -> None:
    run = static()
    csi = run.one(PERSISTENT_VOLUME).inputs["spec"]["csi"]
    assert csi["driver"] == "smb.csi.k8s.io"
    assert csi["volumeAttributes"] == {"source": r"\\anf-64d9.contoso.com\smb"}
    assert csi["volumeHandle"] == "anf-64d9.contoso.com#smb#fs-smb"
    assert csi["nodeStageSecretRef"] == {"name": "smbcreds", "namespace": "smb-static"}


def test_a_volume_that_is_made_again_under_its_name_is_another_volume_to_kubernetes() -> None:
    def made_again(volume: dict[str, Any]) -> dict[str, Any]:
        return volume | {"fileSystemId": "fs-other"}

    before, after = static(), run_static(cloud=Cloud(volume=made_again))
    handles = [run.one(PERSISTENT_VOLUME).inputs["spec"]["csi"]["volumeHandle"] for run in (before, after)]
    assert handles[0] != handles[1]


def test_the_claim_asks_for_the_same_whatever_the_size_and_is_alone_in_having_the_volume() -> None:
    sizes = [run_static(volumes=[{"name": "smb", "sizeGiB": size}]) for size in (50, 1000)]
    assert [run.one(PERSISTENT_VOLUME).inputs["spec"]["capacity"]["storage"] for run in sizes] == ["50Gi", "1000Gi"]
    assert [run.one(CLAIM).inputs["spec"]["resources"] for run in sizes] == [{"requests": {"storage": "50Gi"}}] * 2
    persistent_volume, claim = sizes[0].one(PERSISTENT_VOLUME), sizes[0].one(CLAIM)
    assert persistent_volume.inputs["spec"]["claimRef"] == {"namespace": "smb-static", "name": "anf-pvc-smb"}
    assert list(persistent_volume.request.replaceOnChanges) == ["spec.claimRef.namespace", "spec.claimRef.name"]
    assert claim.inputs["spec"]["volumeName"] == "anf-pv-smb"
    assert claim.inputs["spec"]["storageClassName"] == ""
    assert "storageClassName" not in persistent_volume.inputs["spec"]
    assert "readOnly" not in persistent_volume.inputs["spec"]["csi"]


def test_the_persistent_volume_outlives_its_claim_and_suits_linux_too() -> None:
    spec = static().one(PERSISTENT_VOLUME).inputs["spec"]
    assert spec["persistentVolumeReclaimPolicy"] == "Retain"
    assert spec["accessModes"] == ["ReadWriteMany"]
    assert spec["mountOptions"] == ["dir_mode=0777", "file_mode=0777", "vers=3.0", "noserverino"]


def test_the_claim_is_awaited_with_a_limit_that_is_heeded() -> None:
    claim = run_static(timeouts={"kubernetesMinutes": 7}).one(CLAIM)
    bound, updated = json.loads(claim.inputs["metadata"]["annotations"]["pulumi.com/waitFor"])
    assert bound == "jsonpath={.status.phase}=Bound"
    # The plugin may see a claim that is bound already as it was before the update that the state is to have.
    assert updated == "jsonpath={.metadata.annotations['pulumi.com/waitFor']}"
    assert claim.request.customTimeouts.create == "7m"


def test_the_pod_runs_iis_on_a_windows_node_with_the_share_as_web_root() -> None:
    pod = static().one(POD).inputs
    assert pod["metadata"] == {"name": "iis-pod", "namespace": "smb-static", "labels": {"app": "web"}}
    assert pod["spec"]["nodeSelector"] == {"kubernetes.io/os": "windows"}
    assert [toleration["key"] for toleration in pod["spec"]["tolerations"]] == ["node.kubernetes.io/os"]
    [container] = pod["spec"]["containers"]
    assert container["image"] == "mcr.microsoft.com/windows/servercore/iis:windowsservercore"
    assert container["resources"] == {side: {"cpu": "1", "memory": "800M"} for side in ("requests", "limits")}
    assert container["ports"] == [{"containerPort": 80}]
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/inetpub/wwwroot"]
    assert pod["spec"]["volumes"][0]["persistentVolumeClaim"] == {"claimName": "anf-pvc-smb"}


def test_without_the_sample_workload_there_is_no_pod() -> None:
    run = run_static(sampleWorkload=False)
    assert run.all(POD) == []
    assert "staticPodName" not in run.outputs


def test_the_driver_is_the_documented_release() -> None:
    release = (
        run_static(smbDriver={"version": "v1.13.0", "values": {"windows": {"csiProxy": 1}, "a": 2}}).one(RELEASE).inputs
    )
    assert (release["name"], release["chart"], release["namespace"]) == (
        "csi-driver-smb",
        "csi-driver-smb",
        "kube-system",
    )
    assert release["version"] == "v1.13.0"
    assert release["values"] == {"windows": {"enabled": True, "csiProxy": 1}, "a": 2}
    assert release["repositoryOpts"]["repo"].startswith("https://raw.githubusercontent.com/kubernetes-csi/")


def test_a_cluster_that_has_the_driver_gets_no_second_one() -> None:
    run = run_static(smbDriver={"enabled": False})
    assert run.all(RELEASE) == []
    assert "smbDriverVersion" not in run.outputs


def test_everything_waits_for_what_it_needs_and_leaves_in_reverse() -> None:
    run = static()
    assert {"anf-account", "pool-dev-pool", "anf-subnet"} <= names(run, run.one(VOLUME))
    assert {"smb-volume", "smb-static-smbcreds"} <= names(run, run.one(PERSISTENT_VOLUME))
    assert "smb-static-namespace" in names(run, run.one(KUBERNETES_SECRET))
    assert "smb-persistent-volume" in names(run, run.one(CLAIM))
    assert "smb-claim" in names(run, run.one(POD))
    for component in ("anf-smb:index:StaticShare", "anf-smb:index:IisPod"):
        assert "csi-driver-smb-release" in names(run, run.one(component))


def test_what_holds_data_or_stands_around_it_is_protected_and_retained() -> None:
    run = run_static(volumes=TWO, network=OWN_NETWORK, protect=True)
    resources = [each for each in run.monitor.registered if not each.type.startswith("anf-smb:index:")]
    guarded = {resource.name for resource in resources if resource.request.protect}
    retained = {resource.name for resource in resources if resource.request.retainOnDelete}
    assert guarded == retained
    assert guarded == {
        "anf-group", "anf-network", "anf-subnet", "anf-account", "pool-dev-pool", "smb-volume", "data-volume",
        "smb-static-namespace", "smb-persistent-volume", "data-persistent-volume", "smb-claim", "data-claim",
    }  # fmt: skip


def test_the_first_step_out_lifts_both_but_a_namespace_is_never_deleted() -> None:
    resources = run_static(protect=False).monitor.registered
    assert not any(resource.request.protect for resource in resources)
    assert [resource.type for resource in resources if resource.request.retainOnDelete] == [NAMESPACE]


@pytest.mark.parametrize("token", [VOLUME, POOL, ACCOUNT])
def test_no_change_replaces_what_holds_data(token: str) -> None:
    request = run_static(protect=True).one(token).request
    assert not request.replaceOnChanges
    assert any(name.endswith("-kept") for name in request.hooks.before_update), "a hook refuses what cannot change"
    assert request.protect


def test_another_range_of_the_subnet_is_a_replacement_that_protection_refuses() -> None:
    request = run_static(protect=True).one(SUBNET).request
    assert list(request.replaceOnChanges) == ["addressPrefix"]
    assert request.deleteBeforeReplace
    assert request.protect


def test_what_holds_on_to_a_replaced_object_is_replaced_before_it() -> None:
    run = run_static(protect=True)
    assert list(run.one(POD).request.replaceOnChanges) == ["spec"]
    assert "spec.volumeName" in run.one(CLAIM).request.replaceOnChanges
    assert all(run.one(token).request.deleteBeforeReplace for token in (CLAIM, POD))
    assert not run.one(POD).request.protect


def test_a_failed_volume_does_not_keep_the_preview_of_its_mending_from_running() -> None:
    def failed(volume: dict[str, Any]) -> dict[str, Any]:
        return volume | {"provisioningState": "Failed", "mountTargets": []}

    cloud = Cloud(volume=failed, exists=True)
    run = run_static(cloud=cloud, preview=True)
    assert "azure-native:netapp:getCapacityPoolVolume" in cloud.calls
    assert isinstance(run.outputs["uncPath"], Unknown)


def test_a_volume_that_is_being_deleted_fails_in_preview() -> None:
    def deleting(volume: dict[str, Any]) -> dict[str, Any]:
        return volume | {"provisioningState": "Deleting"}

    with pytest.raises(pulumi.RunError, match="is being deleted"):
        run_static(cloud=Cloud(volume=deleting, exists=True), preview=True)


def test_the_preview_of_a_larger_size_knows_the_share_it_keeps() -> None:
    run = run_static(cloud=Cloud(exists=True), preview=True, volumes=[{"name": "smb", "sizeGiB": 300}])
    csi = run.one(PERSISTENT_VOLUME).inputs["spec"]["csi"]
    assert csi["volumeAttributes"] == {"source": r"\\anf-64d9.contoso.com\smb"}
    assert csi["volumeHandle"] == "anf-64d9.contoso.com#smb#fs-smb"


def test_no_resource_carries_aliases_but_those_of_an_earlier_program() -> None:
    aliases = {each.name: [*each.request.aliases] for each in static().monitor.registered if each.request.aliases}
    assert aliases.keys() == {"csi-driver-smb", "smb", "pool-dev"}
    [was_anf] = aliases.pop("pool-dev")
    assert was_anf.spec.name == "anf"
    assert all(alias.spec.noParent for [alias] in aliases.values())


def test_each_pool_has_resources_of_its_name_and_each_volume_is_in_the_pool_that_it_names() -> None:
    fast = {"name": "fast", "serviceLevel": "Ultra", "sizeTiB": 2}
    volumes = [{"name": "smb", "sizeGiB": 100}, {"name": "db", "sizeGiB": 100, "pool": "fast"}]
    run = run_static(pools=[committed("dev")["anf-smb:pools"][0], fast], volumes=volumes)
    assert {pool.name: pool.inputs["serviceLevel"] for pool in run.all(POOL)} == {
        "pool-dev-pool": "Standard",
        "fast-pool": "Ultra",
    }
    of_volumes = {volume.name: (volume.inputs["poolName"], volume.inputs["serviceLevel"]) for volume in run.all(VOLUME)}
    assert of_volumes == {"smb-volume": ("pool-dev", "Standard"), "db-volume": ("fast", "Ultra")}
    assert {name: pool["sizeTiB"] for name, pool in run.outputs["pools"].items()} == {"pool-dev": 1, "fast": 2}
    assert run.outputs["poolName"] == run.outputs["volumes"]["smb"]["poolName"] == "pool-dev"
    assert run.outputs["volumes"]["db"]["poolName"] == "fast"


def test_azure_is_waited_for_with_a_limit() -> None:
    run = run_static(timeouts={"azureMinutes": 45})
    for token in (ACCOUNT, POOL, VOLUME):
        timeouts = run.one(token).request.customTimeouts
        assert (timeouts.create, timeouts.update, timeouts.delete) == ("45m", "45m", "45m")
    assert static().one(VOLUME).request.customTimeouts.create == "30m"


def test_everything_in_the_cluster_uses_the_one_pinned_provider() -> None:
    run = static()
    provider = run.one(PROVIDER)
    used = {resource.request.provider for resource in run.monitor.registered if resource.type.startswith("kubernetes:")}
    assert {reference.rsplit("::", 1)[0] for reference in used} == {provider.urn}
    assert provider.inputs["enableSecretMutable"] in {True, "true"}
    assert provider.inputs["enableServerSideApply"] in {True, "true"}
    assert provider.request.ignoreChanges == ["clusterIdentifier"]


def test_every_child_belongs_to_a_component() -> None:
    run = static()
    components = {resource.urn for resource in run.monitor.registered if resource.type.startswith("anf-smb:index:")}
    for resource in run.monitor.registered:
        if resource.type.startswith(("azure-native:", "kubernetes:")):
            assert resource.request.parent in components, resource.name


def test_every_component_registers_its_outputs() -> None:
    run = static()
    for resource in run.monitor.registered:
        if resource.type.startswith("anf-smb:index:"):
            assert run.monitor.outputs.get(resource.urn), resource.urn


def test_passwords_and_kubeconfig_travel_as_secrets() -> None:
    run = static()
    credentials = run.one(KUBERNETES_SECRET).inputs["stringData"]
    assert is_secret(credentials)
    assert credentials["value"] == {
        "username": "svc-web",
        "domain": "CONTOSO",
        "password": PASSWORDS["anf-smb:smbPassword"],
    }
    assert is_secret(run.one(ACCOUNT).inputs["activeDirectories"])
    assert is_secret(run.one(PROVIDER).inputs["kubeconfig"])


def test_no_password_is_anywhere_but_in_its_secret() -> None:
    run = static()
    for resource in run.monitor.registered:
        open_inputs = json.dumps(_without_secrets(resource.inputs), default=str)
        for password in (*PASSWORDS.values(), KUBECONFIG):
            assert password not in open_inputs, resource.name
    outputs = json.dumps(run.outputs, default=str)
    assert not any(password in outputs for password in PASSWORDS.values())


def _without_secrets(value: Any) -> Any:
    if is_secret(value):
        return "secret"
    if isinstance(value, dict):
        return {key: _without_secrets(item) for key, item in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value


def test_the_outputs_are_flat_and_those_that_others_rely_on() -> None:
    outputs = static().outputs
    assert outputs["smbServerFqdn"] == "anf-64d9.contoso.com"
    assert outputs["creationToken"] == "smb"
    assert outputs["uncPath"] == r"\\anf-64d9.contoso.com\smb"
    assert outputs["mountIpAddress"] == "10.40.1.4"
    assert (outputs["resourceGroupName"], outputs["accountName"], outputs["poolName"]) == (
        "rg-anf-dev",
        "anf-dev",
        "pool-dev",
    )
    assert (outputs["staticNamespace"], outputs["staticClaimName"]) == ("smb-static", "anf-pvc-smb")
    assert (outputs["staticPodName"], outputs["smbDriverVersion"]) == ("iis-pod", "1.20.3")
    assert outputs["volumeId"].endswith("/smb-volume")


def test_two_volumes_two_claims_one_driver() -> None:
    run = run_static(volumes=TWO)
    assert len(run.all(RELEASE)) == len(run.all(NAMESPACE)) == len(run.all(KUBERNETES_SECRET)) == 1
    assert {claim.inputs["metadata"]["name"] for claim in run.all(CLAIM)} == {"anf-pvc-smb", "anf-pvc-data"}
    assert {pod.inputs["metadata"]["name"] for pod in run.all(POD)} == {"iis-pod", "iis-pod-anf-pvc-data"}
    assert set(run.outputs["volumes"]) == {"smb", "data"}
    assert run.outputs["volumes"]["data"]["uncPath"] == r"\\anf-64d9.contoso.com\data"
    handles = {item.inputs["spec"]["csi"]["volumeHandle"] for item in run.all(PERSISTENT_VOLUME)}
    assert len(handles) == 2


SMB_VOLUME: Final = "anf-smb:index:SmbVolume"
FOUR: Final = [{"name": name, "sizeGiB": 50} for name in "abcd"]


def test_an_up_creates_volumes_in_turn_and_leaves_no_dependency() -> None:
    """Dependencies would also delete them in turn."""
    run = run_static(volumes=FOUR)
    order = [(resource.type, resource.name) for resource in run.monitor.registered]
    for before, name in zip("abc", "bcd", strict=True):
        assert order.index((VOLUME, f"{before}-volume")) < order.index((SMB_VOLUME, name))
    of_volumes = {volume["name"] for volume in FOUR} | {f"{volume['name']}-volume" for volume in FOUR}
    for name in "abcd":
        assert not of_volumes & names(run, run.one(SMB_VOLUME, name))
        assert not of_volumes & names(run, run.one(VOLUME, f"{name}-volume"))


def test_a_preview_has_no_chain_of_volumes() -> None:
    """The first volume is held back until the last one is there."""
    last = threading.Event()

    class Slow(Cloud):
        def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            if args.name == "d-volume":
                last.set()
            if args.name == "a-volume":
                assert last.wait(20)
            return super().new_resource(args)

    run = run_static(cloud=Slow(), preview=True, volumes=FOUR)
    assert len(run.all(VOLUME)) == len(FOUR)


def test_a_network_offers_its_ids_to_others() -> None:
    run = run_static(network=OWN_NETWORK)
    [network] = [each for each in run.monitor.registered if each.type == "anf-smb:index:DelegatedSubnet"]
    outputs = run.monitor.outputs[network.urn]
    assert outputs["virtualNetworkId"].endswith("/virtualNetworks/vnet-anf")
    assert outputs["subnetId"] == f"{outputs['virtualNetworkId']}/subnets/anf"


def test_a_bad_stack_registers_nothing() -> None:
    cloud = Cloud()
    with pytest.raises(pulumi.RunError, match="has 2 errors; nothing was registered"):
        run_static(cloud=cloud, pools=None, volumes=[{"name": "smb", "sizeGiB": 1}])
    assert cloud.calls == []
    assert cloud.made == []
