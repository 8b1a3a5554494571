"""Claims become ANF volumes and PersistentVolumes, and go: real API server, controller manager and clients."""

from collections.abc import Iterator

import pytest

from sandbox.kube.objects import Json
from sandbox.trident.crds import API
from tests.azure.names import GIB
from tests.nodes.world import eventually
from tests.trident.volumes_world import (
    PARAMETERS,
    UUID,
    VolumesWorld,
    serving,
)


@pytest.fixture
def world(volumes: VolumesWorld) -> Iterator[VolumesWorld]:
    with serving(volumes):
        yield volumes


def test_a_claim_becomes_a_cifs_volume_in_the_backends_pool(world: VolumesWorld):
    claim = world.claim(world.storage_class(), "60Gi")
    bound = claim.bound()
    assert bound["spec"]["volumeName"] == claim.volume_name
    assert bound["status"]["capacity"] == {"storage": "60Gi"}
    volume = world.anf_volume(claim.volume_name)
    assert volume.name == f"anf-dev/pool-dev/{claim.volume_name}"
    assert volume.protocol_types == ["CIFS"]
    assert volume.security_style == "Ntfs"  # as Azure answers
    assert volume.network_features == "Standard"
    assert (volume.service_level, volume.usage_threshold) == ("Standard", 60 * GIB)
    assert volume.subnet_id.endswith("/virtualNetworks/vnet-anf/subnets/anf")
    pv = world.api.get(claim.pv_path)
    assert pv["spec"]["csi"]["driver"] == "csi.trident.netapp.io"
    assert pv["spec"]["csi"]["volumeHandle"] == claim.volume_name
    assert pv["spec"]["csi"]["nodeStageSecretRef"] == {"name": "smbcreds", "namespace": "smb-dynamic"}
    attributes = pv["spec"]["csi"]["volumeAttributes"]
    assert attributes.pop("storage.kubernetes.io/csiProvisionerIdentity").endswith("-csi.trident.netapp.io")
    assert attributes == {
        "backendUUID": UUID,
        "internalID": volume.id,
        "internalName": claim.volume_name,
        "name": claim.volume_name,
        "protocol": "file",
    }
    assert pv["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert pv["spec"]["capacity"] == {"storage": "60Gi"}
    assert pv["metadata"]["annotations"]["pv.kubernetes.io/provisioned-by"] == "csi.trident.netapp.io"


def test_trident_remembers_the_volume_and_the_events_tell_its_story(world: VolumesWorld):
    claim = world.claim(world.storage_class())
    claim.bound()
    tvol = world.api.get(f"{API}/namespaces/trident/tridentvolumes/{claim.volume_name}")
    share = tvol["config"]["accessInformation"]
    assert share["smbServer"].startswith("ANF-")
    assert share["smbPath"] == f"\\{claim.volume_name}"
    assert (tvol["backendUUID"], tvol["pool"], tvol["state"]) == (UUID, "anf-smb_pool", "online")
    assert tvol["metadata"]["finalizers"] == ["trident.netapp.io"]
    claim.await_event("ProvisioningSucceeded", f"Successfully provisioned volume {claim.volume_name}")
    claim.await_event("ProvisioningSuccess", "provisioned a volume")
    name = f'"{claim.namespace}/anf-pvc-smb"'
    claim.await_event("Provisioning", f"External provisioner is provisioning volume for claim {name}")


@pytest.mark.parametrize(
    ("asked", "version", "got"),
    [
        ("10Gi", "26.06.0", "50Gi"),
        ("10Gi", "23.04.0", "100Gi"),
        ("50.5Gi", "26.06.0", "51Gi"),
        ("70G", "24.10.0", "66Gi"),
    ],
)
def test_a_size_is_raised_to_the_minimum_and_to_whole_gib(volumes: VolumesWorld, asked: str, version: str, got: str):
    with serving(volumes, version):
        claim = volumes.claim(volumes.storage_class(), asked)
        assert claim.bound()["status"]["capacity"] == {"storage": got}
        assert volumes.anf_volume(claim.volume_name).usage_threshold == int(got.removesuffix("Gi")) * GIB


def test_a_claim_that_waits_for_its_consumer_gets_no_volume_before(world: VolumesWorld):
    late = world.storage_class(volumeBindingMode="WaitForFirstConsumer")
    claim = world.claim(late)
    other = world.claim(world.storage_class())
    other.bound()
    assert claim.get()["status"]["phase"] == "Pending"
    assert world.anf_volume(claim.volume_name) is None
    world.api.merge(claim.path, {"metadata": {"annotations": {"volume.kubernetes.io/selected-node": "akswin000000"}}})
    claim.bound()


def test_claims_of_other_provisioners_are_left_alone(world: VolumesWorld):
    claim = world.claim(world.storage_class(provisioner="smb.csi.k8s.io", parameters={}))
    world.claim(world.storage_class()).bound()
    assert claim.get()["status"]["phase"] == "Pending"
    assert world.anf_volume(claim.volume_name) is None


def test_two_claims_at_once_both_get_volumes_though_azure_makes_one_at_a_time(world: VolumesWorld):
    storage_class = world.storage_class()
    world.slow("create", 10.0)  # the other claim's request comes meanwhile, on a busy machine too
    claims = [world.claim(storage_class) for _ in range(2)]
    for claim in claims:
        claim.bound()
    said = [text for claim in claims for _, _, text in claim.events() if "RESPONSE 409: 409 Conflict" in text]
    assert any("Another volume creation is in progress. Please try again in a few minutes." in text for text in said)


# What cannot be done is said, and tried again.


def test_a_creation_under_way_goes_on_after_a_restart(volumes: VolumesWorld):
    volumes.slow("create", 6.0)  # longer than a restart, on a busy machine too
    volumes.start()
    claim = volumes.claim(volumes.storage_class())
    claim.await_event("ProvisioningFailed", "code = DeadlineExceeded desc = volume state is Creating, not Succeeded")
    volumes.stop()
    with serving(volumes):
        claim.await_event("ProvisioningFailed", "volume state is still Creating, not Succeeded")
        claim.bound()
        assert claim.await_event("ProvisioningSucceeded", claim.volume_name)


def test_azures_reason_for_a_failed_creation_reaches_the_claim(world: VolumesWorld):
    world.fail("create", "operation", "InternalServerError", "Error when creating - Could not query DNS server.")
    claim = world.claim(world.storage_class())
    event = claim.await_event("ProvisioningFailed", "RESPONSE 200: 200 OK\nERROR CODE: InternalServerError\n")
    assert '"message": "Error when creating - Could not query DNS server."' in event
    claim.bound()


def test_before_24_06_trident_does_not_say_why_a_creation_failed(volumes: VolumesWorld):
    with serving(volumes, "24.02.0"):
        volumes.fail("create", "operation", "InternalServerError", "Error when creating - Could not query DNS server.")
        claim = volumes.claim(volumes.storage_class())
        said = f"volume {claim.volume_name} is in Deleting state, not Succeeded"
        assert "DNS" not in claim.await_event("ProvisioningFailed", said)
        claim.bound()


def test_a_pool_without_room_is_said_in_azures_words(world: VolumesWorld):
    claim = world.claim(world.storage_class(), "5Ti")
    said = claim.await_event("ProvisioningFailed", "PoolSizeTooSmall")
    assert said.startswith(
        "rpc error: code = Unknown desc = encountered error(s) in creating the volume: [Failed to create volume "
        f"{claim.volume_name} on storage pool anf-smb_pool from backend anf-smb: ANF pool pool-dev; error creating "
        f"volume {claim.volume_name}: PUT https://127.0.0.1:"
    )
    assert "\nRESPONSE 400: 400 Bad Request\nERROR CODE: PoolSizeTooSmall\n" in said
    assert claim.get()["status"]["phase"] == "Pending"


def test_a_class_that_no_backend_fits_is_refused(world: VolumesWorld):
    name = world.storage_class(parameters={**PARAMETERS, "backendType": "ontap-nas"})
    claim = world.claim(name)
    said = f"rpc error: code = Unknown desc = no available backends for storage class {name}"
    claim.await_event("ProvisioningFailed", said)


@pytest.mark.parametrize("parameter", [{"costCenter": "4711"}, {"snapshots": "maybe"}, {"IOPS": "many"}])
def test_a_class_with_a_parameter_that_trident_cannot_read_is_unknown_to_it(world: VolumesWorld, parameter: Json):
    name = world.storage_class(parameters={**PARAMETERS, **parameter})
    said = f"rpc error: code = Unknown desc = unknown storage class: {name}"
    world.claim(name).await_event("ProvisioningFailed", said)


def test_an_smb_class_without_its_secret_is_refused(world: VolumesWorld):
    parameters = {name: value for name, value in PARAMETERS.items() if "node-stage-secret" not in name}
    claim = world.claim(world.storage_class(parameters=parameters))
    claim.await_event("ProvisioningFailed", "missing required parameters csi.storage.k8s.io/node-stage-secret-name and")


def test_without_any_backend_retries_are_delayed(world: VolumesWorld):
    world.backends.remove(UUID)
    claim = world.claim(world.storage_class())
    said = claim.await_event("ProvisioningFailed", "no available storage for access modes: [ReadWriteMany]")
    assert said.startswith(
        "Volume provisioning failed with infeasible error. Retries will be delayed. "
        "rpc error: code = InvalidArgument desc = "
    )
    world.backends.put(world.backend())
    claim.bound()


def test_a_backends_limit_holds(volumes: VolumesWorld):
    with serving(volumes, limitVolumeSize="80Gi"):
        claim = volumes.claim(volumes.storage_class(), "90Gi")
        claim.await_event(
            "ProvisioningFailed",
            "unsupported capacity range; requested size: 96636764160 > the size limit: 85899345920",
        )


def test_nothing_is_provisioned_while_tridents_controller_does_not_run(world: VolumesWorld):
    world.stop()
    claim = world.claim(world.storage_class())
    claim.await_event("ExternalProvisioning", "csi.trident.netapp.io")
    assert "Provisioning" not in {reason for _, reason, _ in claim.events()}
    world.start()
    claim.bound()


# The end of a claim.


def test_retain_keeps_the_volume_in_azure(world: VolumesWorld):
    claim = world.claim(world.storage_class(reclaimPolicy="Retain"))
    claim.bound()
    claim.delete()
    eventually(lambda: (claim.pv() or {"status": {}})["status"].get("phase") == "Released", "the volume is released")
    world.api.delete(claim.pv_path)
    eventually(lambda: claim.pv() is None, "the PersistentVolume's end")
    assert world.anf_volume(claim.volume_name) is not None


def test_delete_deletes_the_volume_in_azure(world: VolumesWorld):
    claim = world.claim(world.storage_class(reclaimPolicy="Delete"))
    claim.bound()
    finalizers = world.api.get(claim.pv_path)["metadata"]["finalizers"]
    assert "external-provisioner.volume.kubernetes.io/finalizer" in finalizers
    claim.delete()
    eventually(lambda: claim.pv() is None, "the PersistentVolume's end")
    eventually(lambda: world.anf_volume(claim.volume_name) is None, "the volume's end")
    assert world.api.find(f"{API}/namespaces/trident/tridentvolumes/{claim.volume_name}") is None


@pytest.mark.parametrize(("version", "waits"), [("24.02.0", True), ("24.06.0", False)])
def test_until_24_06_trident_waits_for_the_volumes_end(volumes: VolumesWorld, version: str, waits: bool):
    with serving(volumes, version):
        claim = volumes.claim(volumes.storage_class(reclaimPolicy="Delete"))
        claim.bound()
        volumes.slow("delete", 2 if waits else 20)
        claim.delete()
        eventually(lambda: claim.pv() is None, "the PersistentVolume's end")
        assert (volumes.anf_volume(claim.volume_name) is None) == waits
        eventually(lambda: volumes.anf_volume(claim.volume_name) is None, "the volume's end")


def test_a_volume_whose_policy_is_changed_to_delete_goes_with_its_claim(world: VolumesWorld):
    claim = world.claim(world.storage_class(reclaimPolicy="Retain"))
    claim.bound()
    world.api.merge(claim.pv_path, {"spec": {"persistentVolumeReclaimPolicy": "Delete"}})
    claim.delete()
    eventually(lambda: world.anf_volume(claim.volume_name) is None, "the volume's end")


def test_a_deletion_that_azure_refuses_is_said_and_tried_again(world: VolumesWorld):
    claim = world.claim(world.storage_class(reclaimPolicy="Delete"))
    claim.bound()
    world.fail("delete", "request", "Conflict", "Volume is being used.", times=2)
    claim.delete()

    def said() -> bool:
        items: list[Json] = world.api.get("/api/v1/namespaces/default/events")["items"]
        ours = [item for item in items if item["involvedObject"]["name"] == claim.volume_name]
        return any(
            item["reason"] == "VolumeFailedDelete" and "Volume is being used." in item["message"] for item in ours
        )

    eventually(said, "an event VolumeFailedDelete")
    eventually(lambda: claim.pv() is None, "the PersistentVolume's end")
    eventually(lambda: world.anf_volume(claim.volume_name) is None, "the volume's end")
