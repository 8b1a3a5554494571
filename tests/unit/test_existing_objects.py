"""What exists already is not created: each refusal names it and the ways out; what is adopted is imported."""

import re
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime.settings import SETTINGS

import components.guest.existing_objects as existing
from components.guest.existing_objects import ExistsAlreadyError, Refusals
from components.support.lookup import is_missing
from existing import NothingToAdoptError
from live_cluster.existing_objects import existing_release
from tests.unit.unit_mocks import (
    ACCOUNT,
    CLAIM,
    NAMESPACE,
    OWN_NETWORK,
    PERSISTENT_VOLUME,
    POOL,
    RECLAIM_POLICY,
    VOLUME,
    Cloud,
    run_static,
    run_whole,
)

ARGUMENTS = pulumi.ResourceHookArgs(
    urn="urn:pulumi:dev::anf-smb::anf-smb:index:CapacityPool$azure-native:netapp:CapacityPool::pool-dev-pool",
    id="",
    name="pool-dev-pool",
    type="azure-native:netapp:CapacityPool",
    new_inputs={"resourceGroupName": "rg", "accountName": "acc", "poolName": "pool", "size": 1},
)


EXISTING = [{"name": "smb", "existing": True}]


def test_before_each_creation_the_engine_asks_for_what_exists() -> None:
    run = run_whole(network=OWN_NETWORK)
    hooks = {
        each.name: list(each.request.hooks.before_create) for each in run.monitor.registered if each.request.custom
    }
    of_azure = {name: names for name, names in hooks.items() if f"{name}-exists" in names}
    assert {"anf-group", "anf-network", "anf-subnet", "anf-account", "pool-dev-pool", "smb-volume"} <= of_azure.keys()
    assert {
        "trident-identity",
        "trident-federation",
        "trident-storage-role",
        "trident-features-role",
    } <= of_azure.keys()
    in_cluster = {name for name, names in hooks.items() if "object-exists" in names}
    assert {"smb-static-namespace", "smb-persistent-volume", "smb-claim", "smb-pod", "trident-release"} <= in_cluster
    assert run.one(RECLAIM_POLICY).name not in in_cluster  # a patch is of what exists
    assert not set(of_azure) & in_cluster


def refusal(*, at_once: bool, preview: bool, monkeypatch: pytest.MonkeyPatch, object_id: str = "ID") -> Refusals:
    refusals = Refusals()
    refusals.at_once = at_once
    monkeypatch.setattr(SETTINGS, "dry_run", preview)
    monkeypatch.setattr(pulumi.log, "error", print)
    refusals.add(ARGUMENTS, "The capacity pool p", "use it", object_id, "urn:pulumi:dev::anf-smb::x::anf")
    return refusals


def test_a_preview_goes_on_to_the_next_and_an_up_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(at_once=True, preview=True, monkeypatch=monkeypatch).names == ["pool-dev-pool"]
    with pytest.raises(ExistsAlreadyError, match=r"The capacity pool p exists already, and pool-dev-pool would create"):
        refusal(at_once=True, preview=False, monkeypatch=monkeypatch)


def test_without_the_program_a_preview_stops_and_names_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_key(component: str, name: str) -> None:
        return None

    monkeypatch.setattr(existing.rules, "key", no_key)
    parent = "--parent 'anf=urn:pulumi:dev::anf-smb::x::anf'"
    command = f"pulumi import azure-native:netapp:CapacityPool pool-dev-pool 'ID' {parent}"
    with pytest.raises(ExistsAlreadyError, match=re.escape(command)):
        refusal(at_once=False, preview=True, monkeypatch=monkeypatch)


def test_what_cannot_become_the_resource_is_not_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExistsAlreadyError, match=r"Fix: use it\.$"):
        refusal(at_once=False, preview=True, monkeypatch=monkeypatch, object_id="")


@pytest.mark.parametrize(
    ("error", "missing"),
    [
        ('Status=404 Code="ResourceNotFound"', True),
        ('Status=404 Code="ResourceGroupNotFound"', True),
        ("StatusCode=404", True),
        ("RESPONSE 404: 404 Not Found", True),
        ('Status=403 Code="AuthorizationFailed"', False),
    ],
)
def test_a_look_up_that_finds_nothing_lets_the_creation_go_on(error: str, missing: bool) -> None:
    assert is_missing(Exception(error)) is missing


def test_adopted_things_are_imported_under_their_ids() -> None:
    run = run_static(adopt={"pool-dev-pool": "/subscriptions/x/pool", "smb-persistent-volume": "anf-pv-smb"})
    assert run.one(POOL).request.importId == "/subscriptions/x/pool"
    assert run.one(PERSISTENT_VOLUME).request.importId == "anf-pv-smb"
    assert {run.one(token).request.importId for token in (ACCOUNT, VOLUME, NAMESPACE, CLAIM)} == {""}


def test_the_name_of_no_resource_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(
        NothingToAdoptError, match=r"anf-smb:adopt\.smb names no resource\n  allowed: .*anf-account.*smb-volume"
    ):
        run_static(adopt={"smb": "x"})


class Api:
    """An API server with some objects by path."""

    def __init__(self, **objects: Any) -> None:
        self.objects = objects

    def get(self, path: str, **query: str) -> Any:
        return self.objects.get(path.rpartition("/")[2])


RELEASE = {"name": "trident", "namespace": "trident", "chart": "trident-operator"}


def secrets(*statuses: str) -> Any:
    return {"items": [{"metadata": {"labels": {"status": status}}} for status in statuses]}


def orchestrator(*release: str) -> Any:
    keys = ("meta.helm.sh/release-namespace", "meta.helm.sh/release-name")
    annotations = dict(zip(keys, release, strict=False))
    return {"kind": "TridentOrchestratorList", "items": [{"metadata": {"name": "torc", "annotations": annotations}}]}


def deployment(**metadata: Any) -> Any:
    return {"kind": "DeploymentList", "items": [{"metadata": {"name": "trident-controller", **metadata}}]}


@pytest.mark.parametrize(
    ("api", "said"),
    [
        (Api(), None),
        (Api(secrets=secrets("uninstalled")), None),
        (Api(secrets=secrets("superseded", "deployed")), "anf-smb:trident.enabled: false"),
        (
            Api(secrets=secrets("pending-install")),
            "helm uninstall trident -n trident, as its status is pending-install",
        ),
        (
            Api(tridentorchestrators=orchestrator("trident", "trident")),
            None,
        ),  # left over from this release: Helm takes it over
        (Api(tridentorchestrators=orchestrator("storage", "other")), "anf-smb:trident.enabled: false"),
        (Api(tridentorchestrators=orchestrator()), "anf-smb:trident.enabled: false"),
        (Api(deployments=deployment()), "anf-smb:trident.enabled: false"),  # by tridentctl
        (Api(deployments=deployment(ownerReferences=[{"kind": "TridentOrchestrator"}])), None),
    ],
)
def test_a_release_is_refused_where_helm_or_the_cluster_has_one(api: Any, said: str | None) -> None:
    look: Callable[..., Any] = existing_release
    found = look(api, RELEASE)
    assert (found and found[2]) == said or said in found[2]


@pytest.mark.parametrize(("release", "refused"), [(("kube-system", "csi-driver-smb"), False), ((), True)])
def test_a_driver_of_manifests_is_refused_with_the_key_that_uses_it(release: tuple[str, ...], refused: bool) -> None:
    look: Callable[..., Any] = existing_release
    driver = orchestrator(*release)["items"][0] | {"kind": "CSIDriver"}
    inputs = {"name": "csi-driver-smb", "namespace": "kube-system", "chart": "csi-driver-smb"}
    found = look(Api(**{"smb.csi.k8s.io": driver}), inputs)
    assert (found is not None) == refused
    assert not refused or "anf-smb:smbDriver.enabled: false" in found[2]


def test_an_existing_volume_is_used_as_it_is() -> None:
    run = run_static(volumes=EXISTING)
    assert run.all(VOLUME) == []
    spec = run.one(PERSISTENT_VOLUME).inputs["spec"]
    assert spec["capacity"] == {"storage": "300Gi"}
    assert spec["csi"]["volumeAttributes"] == {"source": r"\\anf-64d9.contoso.com\smb"}
    assert run.outputs["volumeId"].endswith("/volumes/smb")


def test_an_existing_volume_without_cifs_fails_in_preview() -> None:
    def nfs(volume: dict[str, Any]) -> dict[str, Any]:
        return volume | {"protocolTypes": ["NFSv4.1"]}

    with pytest.raises(pulumi.RunError, match=r"has protocol NFSv4\.1; allowed: CIFS"):
        run_static(cloud=Cloud(volume=nfs, exists=True), preview=True, volumes=EXISTING)


def test_an_existing_volume_in_a_pool_that_is_yet_to_be_created_fails_in_preview() -> None:
    with pytest.raises(pulumi.RunError, match=r"needs an existing pool, but this run creates the pool"):
        run_static(preview=True, volumes=EXISTING)


def test_a_volume_handle_of_ones_own_stays() -> None:
    run = run_static(volumes=[{"name": "smb", "sizeGiB": 100, "volumeHandle": "by-hand"}])
    assert run.one(PERSISTENT_VOLUME).inputs["spec"]["csi"]["volumeHandle"] == "by-hand"
