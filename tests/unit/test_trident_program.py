"""The dynamic way of the program under mocks: Trident, its backend, its roles and the claims."""

import json
import threading
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pytest
from pulumi.output import Unknown
from pulumi.runtime.mocks import MockResourceArgs

from components.rules import InvalidArgsError
from components.support.lookup import LookupFailedError
from tests.unit.unit_mocks import (
    ASSIGNMENT,
    BACKEND_CONFIG,
    CLAIM,
    CLIENT_ID,
    FEDERATION,
    IDENTITY,
    ISSUER,
    KUBELET_ID,
    KUBERNETES_SECRET,
    NAMESPACE,
    ORCHESTRATOR,
    OWN_NETWORK,
    PASSWORDS,
    PERSISTENT_VOLUME,
    POD,
    PRINCIPAL_ID,
    RECLAIM_POLICY,
    RELEASE,
    ROLE,
    STORAGE_CLASS,
    SUBSCRIPTION,
    SUBSCRIPTION_ID,
    TENANT_ID,
    VOLUME,
    Cloud,
    Registered,
    Run,
    dev,
    is_secret,
    run_whole,
)

ACCOUNT_PATCH: Final = "kubernetes:core/v1:ServiceAccountPatch"
DEPLOYMENT_PATCH: Final = "kubernetes:apps/v1:DeploymentPatch"
SIGNS_IN: Final = {"authentication": "clientSecret", "clientId": CLIENT_ID}
ROLES_OF_A_GROUP: Final = f"{SUBSCRIPTION}/resourceGroups/rg-anf-dev"

ITS_CLAIMS: Final = "jsonpath={.metadata.annotations['anf-smb/claims']}=anf-pvc-smb-dynamic"


def waits_for(run: Run, resource: Registered) -> set[str]:
    by_urn = {other.urn: other.name for other in run.monitor.registered}
    return {by_urn[urn] for urn in resource.request.dependencies if urn}


def awaited(resource: Registered) -> list[str]:
    """Return the conditions of a resource, but for the last: that its update is there."""
    *found, last = json.loads(resource.inputs["metadata"]["annotations"]["pulumi.com/waitFor"])
    assert last == "jsonpath={.metadata.annotations['pulumi.com/waitFor']}"
    return found


def values(run: Run) -> dict[str, Any]:
    given: dict[str, Any] = run.one(RELEASE, "trident-release").inputs["values"]
    return given


def existing(**changes: Any) -> dict[str, Any]:
    return {"trident": {"version": "100.2606.0", "clientId": CLIENT_ID} | changes}


def test_trident_is_the_documented_release_in_a_namespace_that_helm_makes() -> None:
    run = run_whole(**existing(values={"tridentDebug": True}))
    release = run.one(RELEASE, "trident-release").inputs
    assert (release["name"], release["chart"], release["namespace"]) == ("trident", "trident-operator", "trident")
    assert release["version"] == "100.2606.0"
    assert release["createNamespace"]
    assert values(run)["windows"] is True
    assert values(run)["tridentDebug"] is True
    assert release["repositoryOpts"] == {"repo": "https://netapp.github.io/trident-helm-chart"}
    assert "trident" not in {namespace.inputs["metadata"]["name"] for namespace in run.all(NAMESPACE)}


def test_the_operator_is_awaited_until_this_version_is_installed() -> None:
    run = run_whole(timeouts={"kubernetesMinutes": 7})
    orchestrator = run.one(ORCHESTRATOR)
    assert orchestrator.inputs["metadata"]["name"] == "trident"
    version = "jsonpath={.status.version}=v26.06.0"
    assert awaited(orchestrator) == ["jsonpath={.status.status}=Installed", version, ITS_CLAIMS]
    assert "spec" not in orchestrator.inputs
    assert list(orchestrator.request.hooks.on_error) == ["trident-orchestrator-status", "object-unready"]
    assert orchestrator.request.customTimeouts.create == "7m"
    assert "trident-release" in waits_for(run, orchestrator)


def test_an_image_of_ones_own_has_a_version_of_its_own() -> None:
    run = run_whole(**existing(values={"tridentImage": "registry.contoso.com/trident:mine"}))
    assert awaited(run.one(ORCHESTRATOR)) == ["jsonpath={.status.status}=Installed", ITS_CLAIMS]


def test_the_backend_names_everything_in_full_and_nothing_else() -> None:
    assert dev().one(BACKEND_CONFIG).inputs["spec"] == {
        "version": 1,
        "storageDriverName": "azure-netapp-files",
        "backendName": "anf-smb",
        "subscriptionID": SUBSCRIPTION_ID,
        "tenantID": TENANT_ID,
        "location": "koreacentral",
        "serviceLevel": "Standard",
        "nasType": "smb",
        "networkFeatures": "Standard",
        "resourceGroups": ["rg-anf-dev", "rg-hub"],
        "netappAccounts": ["rg-anf-dev/anf-dev"],
        "capacityPools": ["rg-anf-dev/anf-dev/pool-dev"],
        "virtualNetwork": "rg-hub/vnet-hub",
        "subnet": "rg-hub/vnet-hub/anf",
    }


def test_the_resource_group_of_a_network_elsewhere_is_named_too() -> None:
    network = f"{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub/subnets/anf"
    run = run_whole(network={"subnetId": network})
    spec = run.one(BACKEND_CONFIG).inputs["spec"]
    assert spec["resourceGroups"] == ["rg-anf-dev", "rg-net"]
    assert (spec["virtualNetwork"], spec["subnet"]) == ("rg-net/hub", "rg-net/hub/anf")
    scopes = {assignment.inputs["scope"] for assignment in run.all(ASSIGNMENT)}
    assert f"{SUBSCRIPTION}/resourceGroups/rg-net" in scopes


def test_the_backend_is_awaited_until_it_is_bound_and_online() -> None:
    run = run_whole(timeouts={"kubernetesMinutes": 7, "azureMinutes": 40})
    config = run.one(BACKEND_CONFIG)
    assert config.inputs["metadata"]["name"] == "backend-tbc-anf-smb"
    assert config.inputs["metadata"]["namespace"] == "trident"
    assert awaited(config) == ["jsonpath={.status.phase}=Bound", "jsonpath={.status.lastOperationStatus}=Success"]
    assert config.request.customTimeouts.create == "7m"
    assert config.request.customTimeouts.delete == "40m"
    assert "pool-dev-backend-config-status" in config.request.hooks.on_error


def test_the_storage_class_is_the_documented_one() -> None:
    storage_class = dev().one(STORAGE_CLASS)
    assert storage_class.inputs["metadata"]["name"] == "anf-sc-smb"
    assert storage_class.inputs["provisioner"] == "csi.trident.netapp.io"
    assert storage_class.inputs["reclaimPolicy"] == "Retain"
    assert storage_class.inputs["allowVolumeExpansion"] is True
    assert storage_class.inputs["parameters"] == {
        "backendType": "azure-netapp-files",
        "trident.netapp.io/nasType": "smb",
        "csi.storage.k8s.io/node-stage-secret-name": "smbcreds",
        "csi.storage.k8s.io/node-stage-secret-namespace": "smb-dynamic",
        "storagePools": "anf-smb:.*",
    }
    assert list(storage_class.request.replaceOnChanges) == ["reclaimPolicy"]


def test_the_claim_is_awaited_until_its_volume_is_there_in_its_size() -> None:
    run = run_whole(timeouts={"azureMinutes": 40})
    claim = run.one(CLAIM, "smb-dynamic-claim")
    assert claim.inputs["metadata"]["name"] == "anf-pvc-smb-dynamic"
    assert claim.inputs["metadata"]["namespace"] == "smb-dynamic"
    assert claim.inputs["spec"]["accessModes"] == ["ReadWriteMany"]
    assert claim.inputs["spec"]["storageClassName"] == "anf-sc-smb"
    assert claim.inputs["spec"]["resources"] == {"requests": {"storage": "100Gi"}}
    assert awaited(claim) == ["jsonpath={.status.phase}=Bound", "jsonpath={.status.capacity.storage}=100Gi"]
    assert claim.request.customTimeouts.create == "40m"
    assert dev().one(CLAIM, "smb-dynamic-claim").request.customTimeouts.create == "30m"


@pytest.mark.parametrize(("gib", "written"), [(1023, "1023Gi"), (1024, "1Ti"), (1536, "1536Gi"), (2048, "2Ti")])
def test_sizes_are_written_as_kubernetes_reports_them(gib: int, written: str) -> None:
    pool = {"name": "pool-dev", "serviceLevel": "Standard", "sizeTiB": 4}
    run = run_whole(pools=[pool], dynamicClaims=[{"name": "web", "sizeGiB": gib}])
    claim = run.one(CLAIM, "web-claim")
    assert claim.inputs["spec"]["resources"]["requests"]["storage"] == written
    assert awaited(claim)[1].endswith(f"={written}")


def test_the_claim_s_volume_is_retained_while_protected_and_goes_with_the_claim_afterwards() -> None:
    for protect, policy in ((True, "Retain"), (False, "Delete")):
        run = run_whole(protect=protect)
        claim, patch = run.one(CLAIM, "smb-dynamic-claim"), run.one(RECLAIM_POLICY)
        assert (claim.request.protect, claim.request.retainOnDelete) == (protect, protect)
        assert patch.inputs["metadata"]["name"] == "pvc-uid-of-smb-dynamic-claim"
        assert patch.inputs["metadata"]["annotations"] == {"pulumi.com/patchForce": "true"}
        assert patch.inputs["spec"] == {"persistentVolumeReclaimPolicy": policy}
        assert patch.request.retainOnDelete
        assert not patch.request.protect


def test_a_first_preview_says_words_for_the_volume_that_is_yet_to_be_bound() -> None:
    run = run_whole(preview=True)
    assert run.one(RECLAIM_POLICY).inputs["metadata"]["name"] == "pvc-of-a-claim-yet-to-be-bound"
    assert isinstance(run.outputs["dynamicClaims"]["smb-dynamic"]["persistentVolumeName"], Unknown)
    known = run_whole(cloud=Cloud(exists=True), preview=True)
    assert known.one(RECLAIM_POLICY).inputs["metadata"]["name"] == "pvc-uid-of-smb-dynamic-claim"


def test_claims_do_not_depend_on_the_storage_class_by_their_values() -> None:
    run = dev()
    claim, storage_class = run.one(CLAIM, "smb-dynamic-claim"), run.one(STORAGE_CLASS)
    by_value = {urn for dependencies in claim.request.propertyDependencies.values() for urn in dependencies.urns}
    assert storage_class.urn not in by_value
    share = run.one("anf-smb:index:DynamicShare")
    assert "pool-dev-storage-class" in waits_for(run, share)


def test_everything_waits_for_what_it_needs_and_leaves_in_reverse() -> None:
    run = dev()
    assert "trident-federation" in waits_for(run, run.one(RELEASE, "trident-release"))
    backend = run.one("anf-smb:index:TridentSmbBackend")
    assert {"trident-orchestrator", "trident-storage-assignment", "trident-features-assignment"} <= waits_for(
        run, backend
    )
    assert {"pool-dev-pool", "anf-subnet", "trident-sign-in"} <= waits_for(run, run.one(BACKEND_CONFIG))
    assert "trident-told" in waits_for(run, run.one(DEPLOYMENT_PATCH))
    assert "trident-orchestrator" in waits_for(run, run.one(ACCOUNT_PATCH))
    assert {"pool-dev-backend-config", "smb-dynamic-smbcreds"} <= waits_for(run, run.one(STORAGE_CLASS))
    assert "pool-dev-backend-config" in waits_for(run, run.one("anf-smb:index:DynamicShare"))
    assert "smb-dynamic-claim" in waits_for(run, run.one(RECLAIM_POLICY))
    assert "smb-dynamic-claim" in waits_for(run, run.one(POD, "dynamic-smb-dynamic-pod"))


def test_trident_is_installed_while_volumes_are_created_and_claims_come_after_them() -> None:
    """A dependency of the claims would also order their deletions."""
    installed, claimed = threading.Event(), threading.Event()

    class Slow(Cloud):
        def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            if args.typ == STORAGE_CLASS and args.name.startswith("pool"):
                installed.set()
            if args.typ == CLAIM and args.name.startswith("smb-dynamic"):
                claimed.set()
            if args.name == "smb-volume":
                assert installed.wait(20)
                assert not claimed.wait(1)
            return super().new_resource(args)

    run = run_whole(cloud=Slow())
    assert claimed.is_set()
    assert "smb-volume" not in waits_for(run, run.one("anf-smb:index:DynamicShare"))


def test_the_identity_of_a_new_stack_trusts_trident_in_this_cluster_alone() -> None:
    run = dev()
    assert run.one(IDENTITY).inputs["resourceName"] == "anf-dev-trident"
    federation = run.one(FEDERATION).inputs
    assert federation["issuer"] == ISSUER
    assert federation["subject"] == "system:serviceaccount:trident:trident-controller"
    assert federation["audiences"] == ["api://AzureADTokenExchange"]
    assert values(run)["cloudProvider"] == "Azure"
    assert values(run)["cloudIdentity"] == f"'azure.workload.identity/client-id: {CLIENT_ID}'"
    assert "credentials" not in run.one(BACKEND_CONFIG).inputs["spec"]


def test_its_rights_end_at_the_resource_group_but_for_feature_flags() -> None:
    run = run_whole(network=OWN_NETWORK)
    storage, features = (run.one(ROLE, f"trident-{kind}-role").inputs for kind in ("storage", "features"))
    assert storage["assignableScopes"] == [ROLES_OF_A_GROUP]
    assert features["assignableScopes"] == [SUBSCRIPTION]
    [permission] = storage["permissions"]
    assert "Microsoft.NetApp/netAppAccounts/capacityPools/volumes/delete" in permission["actions"]
    assert not any(action.endswith("*") or "capacityPools/delete" in action for action in permission["actions"])
    assert all(action.startswith("Microsoft.Features/") for action in features["permissions"][0]["actions"])
    assigned = {assignment.name: assignment.inputs for assignment in run.all(ASSIGNMENT)}
    assert assigned["trident-storage-assignment"]["scope"] == ROLES_OF_A_GROUP
    assert assigned["trident-features-assignment"]["scope"] == SUBSCRIPTION
    assert {given["principalId"] for given in assigned.values()} == {PRINCIPAL_ID}
    assert {given["principalType"] for given in assigned.values()} == {"ServicePrincipal"}
    assert len({given["roleAssignmentName"] for given in assigned.values()}) == 2


def test_who_may_not_assign_roles_gets_them_as_an_output() -> None:
    run = run_whole(trident={"version": "100.2606.0", "roleAssignment": False}, network=OWN_NETWORK)
    assert run.one(IDENTITY)
    assert run.all(ROLE) == run.all(ASSIGNMENT) == []
    storage, features = run.outputs["tridentRoles"]
    assert storage["AssignableScopes"] == [ROLES_OF_A_GROUP]
    assert features["AssignableScopes"] == [SUBSCRIPTION]
    assert "tridentRoles" not in dev().outputs


def test_an_existing_identity_is_used_and_nothing_is_created_for_it() -> None:
    run = run_whole(**existing())
    assert run.all(IDENTITY) == run.all(FEDERATION) == run.all(ROLE) == run.all(ASSIGNMENT) == []
    assert values(run)["cloudIdentity"] == f"'azure.workload.identity/client-id: {CLIENT_ID}'"


def test_a_managed_identity_is_that_of_the_nodes_and_takes_the_provider_alone() -> None:
    run = run_whole(trident={"version": "100.2606.0", "authentication": "managedIdentity"})
    assert {assignment.inputs["principalId"] for assignment in run.all(ASSIGNMENT)} == {KUBELET_ID}
    assert values(run) == {"windows": True, "cloudProvider": "Azure"}
    assert run.all(IDENTITY) == []
    assert "credentials" not in run.one(BACKEND_CONFIG).inputs["spec"]


def test_a_client_secret_is_in_a_secret_and_nowhere_else() -> None:
    run = run_whole(trident={"version": "23.04.0", "anyKubernetes": True, **SIGNS_IN})
    assert values(run) == {"windows": True}
    secret = run.one(KUBERNETES_SECRET, "pool-dev-credentials").inputs
    assert secret["metadata"] == {"name": "backend-tbc-anf-secret", "namespace": "trident"}
    assert is_secret(secret["stringData"])
    assert secret["stringData"]["value"] == {
        "clientID": CLIENT_ID,
        "clientSecret": PASSWORDS["anf-smb:tridentClientSecret"],
    }
    config = run.one(BACKEND_CONFIG).inputs
    assert config["spec"]["credentials"] == {"name": "backend-tbc-anf-secret"}
    for resource in run.monitor.registered:
        if resource.name != "pool-dev-credentials":
            assert PASSWORDS["anf-smb:tridentClientSecret"] not in json.dumps(resource.inputs, default=str)
    assert run.all(IDENTITY) == []


def test_nodes_mount_with_one_username_that_names_the_domain() -> None:
    run = dev()
    credentials = run.one(KUBERNETES_SECRET, "smb-dynamic-smbcreds").inputs["stringData"]
    assert is_secret(credentials)
    assert credentials["value"] == {"username": r"CONTOSO\svc-web", "password": PASSWORDS["anf-smb:smbPassword"]}


def test_a_trident_that_is_there_gets_a_backend_alone() -> None:
    run = run_whole(trident={"enabled": False})
    assert run.all(ORCHESTRATOR) == run.all(IDENTITY) == []
    assert [release.name for release in run.all(RELEASE)] == ["csi-driver-smb-release"]
    assert run.one(BACKEND_CONFIG).inputs["metadata"]["namespace"] == "trident"
    assert "tridentVersion" not in run.outputs


def test_a_stack_of_claims_alone() -> None:
    run = run_whole(volumes=None)
    assert run.all(VOLUME) == run.all(PERSISTENT_VOLUME) == []
    assert [release.name for release in run.all(RELEASE)] == ["trident-release"]
    assert run.outputs["dynamicPodName"] == "iis-pod"
    assert "uncPath" not in run.outputs


def test_wiping_out_uninstalls_with_all_types_but_the_orchestrator_s_own() -> None:
    run = run_whole(dynamicClaims=[], trident={"version": "100.2606.0", "enabled": True, "wipeout": True})
    orchestrator = run.one(ORCHESTRATOR)
    assert orchestrator.inputs["spec"]["uninstall"] is True
    assert orchestrator.inputs["spec"]["wipeout"] == ["crds"]
    assert "tridentorchestrators.trident.netapp.io" in orchestrator.inputs["spec"]["skipCRDsToObliviate"]
    assert awaited(orchestrator) == [
        "jsonpath={.status.status}=Uninstalled",
        'jsonpath={.metadata.annotations[?@==""]}',
    ]
    assert run.all(BACKEND_CONFIG) == run.all(STORAGE_CLASS) == run.all(ROLE) == []
    assert values(run) == values(dev())  # so that the release is not changed under the operator


def of_kubernetes(version: str) -> Cloud:
    return Cloud(cluster=lambda answer: answer | {"currentKubernetesVersion": version})


def test_a_kubernetes_that_this_trident_does_not_support_fails_in_preview() -> None:
    old = {"version": "23.04.0", **SIGNS_IN}
    with pytest.raises(InvalidArgsError, match=r"23\.04 supports Kubernetes 1\.21 to 1\.27; the cluster's is 1\.30"):
        run_whole(cloud=of_kubernetes("1.30.4"), preview=True, trident=old)
    assert run_whole(cloud=of_kubernetes("1.30.4"), trident=old | {"anyKubernetes": True})
    assert run_whole(cloud=of_kubernetes("1.26.9"), trident=old)


def test_a_kubernetes_that_not_even_the_newest_trident_supports_is_tried() -> None:
    assert run_whole(cloud=of_kubernetes("1.37.2")).one(ORCHESTRATOR)


@pytest.mark.parametrize(
    "missing",
    [{"oidcIssuerProfile": {"enabled": False, "issuerURL": ""}}, {"securityProfile": {}}, {"oidcIssuerProfile": None}],
)
def test_a_cluster_that_hands_out_no_tokens_fails_in_preview(missing: dict[str, Any]) -> None:
    with pytest.raises(LookupFailedError, match=r"aks-dev is not set up for workload identity .* az aks update"):
        run_whole(cloud=Cloud(cluster=lambda answer: answer | missing), preview=True)


def test_nodes_without_an_identity_fail_in_preview() -> None:
    cloud = Cloud(cluster=lambda answer: answer | {"identityProfile": {}})
    with pytest.raises(LookupFailedError, match="nodes of the AKS cluster aks-dev have no managed identity"):
        run_whole(cloud=cloud, preview=True, trident={"version": "100.2606.0", "authentication": "managedIdentity"})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"qosType": "Manual"}, "QoS type Manual; Trident before 25.10 can use Auto"),
        ({"qosType": "Manual", "serviceLevel": "Flexible"}, "Trident before 25.10 can use Auto"),
        ({"serviceLevel": "Gold"}, "Gold; Trident can use Standard, Premium, Ultra, Flexible"),
    ],
)
def test_an_existing_pool_that_trident_cannot_use_fails_in_preview(answer: dict[str, str], said: str) -> None:
    existing = {"existing": True}
    network = f"{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub/subnets/anf"
    with pytest.raises(InvalidArgsError, match=said):
        run_whole(
            cloud=Cloud(pool=lambda pool: pool | answer, exists=True),
            preview=True,
            volumes=None,
            trident={"version": "100.2506.0"},
            network={"subnetId": network},
            resourceGroup={"name": "rg", **existing},
            account={"name": "acc", **existing},
            activeDirectory=None,
            pools=[{"name": "gold", **existing}],
        )


def test_what_others_rely_on_is_exported() -> None:
    outputs = dev().outputs
    assert outputs["storageClassName"] == "anf-sc-smb"
    assert (outputs["tridentBackendName"], outputs["tridentBackendConfigName"]) == ("anf-smb", "backend-tbc-anf-smb")
    assert (outputs["tridentNamespace"], outputs["tridentVersion"]) == ("trident", "100.2606.0")
    assert (outputs["dynamicNamespace"], outputs["dynamicClaimName"]) == ("smb-dynamic", "anf-pvc-smb-dynamic")
    assert outputs["dynamicPodName"] == "iis-pod"
    assert outputs["dynamicClaims"]["smb-dynamic"]["persistentVolumeName"] == "pvc-uid-of-smb-dynamic-claim"


def test_what_is_in_a_namespace_has_a_name_of_its_own() -> None:
    run = run_whole(dynamicClaims=[{"name": "smb", "sizeGiB": 50}, {"name": "b", "sizeGiB": 50}])
    for token in (CLAIM, POD, KUBERNETES_SECRET, NAMESPACE):
        names = [
            (resource.inputs["metadata"].get("namespace"), resource.inputs["metadata"]["name"])
            for resource in run.all(token)
        ]
        assert len(names) == len(set(names)), token
    assert len({resource.urn for resource in run.monitor.registered}) == len(run.monitor.registered) - 1


@dataclass
class Hooks:
    """Return the hooks of a program's resources by name."""

    run: Run
    named: dict[str, Any]

    def check(self, name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.named[name](pulumi.ResourceHookArgs(urn="", id="", name="", type="", old_inputs=old, new_inputs=new))


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Hooks:
    named: dict[str, Any] = {}
    made = pulumi.ResourceHook.__init__

    def remember(hook: pulumi.ResourceHook, *args: Any, **kwargs: Any) -> None:
        made(hook, *args, **kwargs)
        named[hook.name] = hook

    monkeypatch.setattr(pulumi.ResourceHook, "__init__", remember)
    return Hooks(run_whole(), named)


def test_checks_of_changes_run_in_the_preview_already(hooks: Hooks) -> None:
    assert list(hooks.run.one(RELEASE, "trident-release").request.hooks.before_update) == [
        "trident-upgrade",
        "windows-nodes",
    ]
    assert list(hooks.run.one(ORCHESTRATOR).request.hooks.before_update) == ["trident-wipeout"]
    driver = hooks.run.one(RELEASE, "csi-driver-smb-release")
    assert list(driver.request.hooks.before_update) == ["csi-driver-smb-lifecycle-modes", "windows-nodes"]
    checks = {"aks-identity", "csi-driver-smb-lifecycle-modes", "trident-upgrade", "trident-wipeout"}
    assert checks < set(hooks.named)
    assert all(hook.opts.on_dry_run for hook in hooks.named.values())


def test_an_upgrade_across_too_many_releases_is_refused_with_the_path_to_take(hooks: Hooks) -> None:
    with pytest.raises(InvalidArgsError, match=r"one `pulumi up` for each of 24\.02, 25\.02, 26\.02, 26\.06"):
        hooks.check("trident-upgrade", {"version": "23.04.0"}, {"version": "100.2606.0"})
    hooks.check("trident-upgrade", {"version": "100.2502.0"}, {"version": "100.2606.0"})
    hooks.check("trident-upgrade", {"version": "100.2606.0"}, {"version": "100.2606.0"})


def test_a_downgrade_of_trident_is_refused(hooks: Hooks) -> None:
    for wanted in ("100.2602.1", "100.2606.0"):
        with pytest.raises(InvalidArgsError, match=r"\(anf-smb:trident.version\): 100\.2606\.1 or later"):
            hooks.check("trident-upgrade", {"version": "100.2606.1"}, {"version": wanted})
    hooks.check("trident-upgrade", {"version": "100.2606.0"}, {"version": "100.2606.1"})


@pytest.mark.parametrize(
    ("old", "new", "fix"),
    [
        ("v1.16.0", "v1.17.0", r"\(anf-smb:smbDriver.values\) \{feature: \{enableInlineVolume: false\}\}"),
        ("v1.13.0", "1.20.3", r"enableInlineVolume: false"),
        ("v1.17.0", "v1.16.0", r"one `pulumi up` without the driver, and one with it"),
    ],
)
def test_the_csi_driver_passes_version_1_17_in_neither_direction_as_it_is(
    hooks: Hooks, old: str, new: str, fix: str
) -> None:
    with pytest.raises(InvalidArgsError, match=fix):
        hooks.check("csi-driver-smb-lifecycle-modes", {"version": old}, {"version": new})


def test_the_csi_driver_passes_it_without_inline_volumes_and_keeps_that_choice(hooks: Hooks) -> None:
    def check(old: dict[str, Any], new: dict[str, Any]) -> None:
        hooks.check("csi-driver-smb-lifecycle-modes", old, new)

    without = {"values": {"windows": {"enabled": True}, "feature": {"enableInlineVolume": False}}}
    check({"version": "v1.16.0"}, {"version": "1.20.3", **without})
    check({"version": "1.20.3", **without}, {"version": "v1.16.0"})
    check({"version": "1.19.0", **without}, {"version": "1.20.3", **without})
    check({"version": "1.19.0"}, {"version": "1.20.3"})
    check({"version": "v1.15.0"}, {"version": "v1.16.0"})
    with pytest.raises(InvalidArgsError, match="enableInlineVolume: false"):
        check({"version": "1.20.3", **without}, {"version": "1.20.3"})
    with pytest.raises(InvalidArgsError, match="enableInlineVolume: true"):
        check({"version": "1.20.3"}, {"version": "1.20.3", **without})


def test_wiping_out_together_with_the_claims_is_refused(hooks: Hooks) -> None:
    before = hooks.run.one(ORCHESTRATOR).inputs
    wiped = run_whole(dynamicClaims=[], trident={"version": "100.2606.0", "enabled": True, "wipeout": True})
    without = run_whole(dynamicClaims=[], trident={"version": "100.2606.0", "enabled": True})
    after, between = (dict(run.one(ORCHESTRATOR).inputs) for run in (wiped, without))
    with pytest.raises(InvalidArgsError, match=r"while it has claims \(anf-pvc-smb-dynamic\)"):
        hooks.check("trident-wipeout", dict(before), after)
    hooks.check("trident-wipeout", between, after)
    hooks.check("trident-wipeout", dict(before), between)
