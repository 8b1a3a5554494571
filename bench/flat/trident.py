"""Trident, its backend, its StorageClass and the claims of one stack file, written by hand."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
from pod import pod
from pulumi_azure_native import authorization, containerservice, managedidentity, netapp, network, resources

_INSTALLED = json.dumps(["jsonpath={.status.status}=Installed"])
_READY = json.dumps(["jsonpath={.status.phase}=Bound", "jsonpath={.status.lastOperationStatus}=Success"])
_NETAPP = "Microsoft.NetApp/netAppAccounts/capacityPools"
_VOLUMES = [
    *(f"{_NETAPP}/{what}" for what in ("read", "write", "volumes/read", "volumes/write", "volumes/delete")),
    *(f"{_NETAPP}/volumes/snapshots/{what}" for what in ("read", "write", "delete")),
    f"{_NETAPP}/volumes/MountTargets/read",
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
]
_FEATURES = [
    "Microsoft.Features/features/read",
    "Microsoft.Features/operations/read",
    "Microsoft.Features/providers/features/read",
    "Microsoft.Features/subscriptionFeatureRegistrations/read",
    "Microsoft.Features/featureProviders/subscriptionFeatureRegistrations/read",
]


def trident_path(
    config: pulumi.Config,
    group: resources.ResourceGroup,
    account: netapp.Account,
    pool: netapp.CapacityPool,
    subnet: network.Subnet,
    volumes: Sequence[netapp.CapacityPoolVolume],
    on_cluster: pulumi.ResourceOptions,
) -> None:
    """Create Trident with an identity of its own, its backend in the pool, and the claims."""

    def after(*made: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(on_cluster, pulumi.ResourceOptions(depends_on=list(made)))

    aks: Any = config.require_object("cluster")["aks"]
    client = authorization.get_client_config_output()
    facts = containerservice.get_managed_cluster_output(
        resource_group_name=aks["resourceGroup"], resource_name=aks["name"]
    )
    identity = managedidentity.UserAssignedIdentity(
        "identity", resource_group_name=group.name, resource_name_="flat-trident"
    )
    federation = managedidentity.FederatedIdentityCredential(
        "federation",
        resource_group_name=group.name,
        resource_name_=identity.name,
        federated_identity_credential_resource_name="trident-controller",
        issuer=facts.oidc_issuer_profile.apply(lambda profile: profile.issuer_url if profile else ""),
        subject="system:serviceaccount:trident:trident-controller",
        audiences=["api://AzureADTokenExchange"],
    )
    subscription = pulumi.Output.concat("/subscriptions/", client.subscription_id)
    network_group = pulumi.Output.concat(subscription, "/resourceGroups/", subnet.id.apply(lambda it: it.split("/")[4]))
    scopes = {"storage": [group.id, network_group], "features": [subscription]}
    assignments: list[pulumi.Resource] = []
    for role_name, actions in (("storage", _VOLUMES), ("features", _FEATURES)):
        role = authorization.RoleDefinition(
            f"{role_name}-role",
            scope=scopes[role_name][0],
            role_definition_id=_guid(role_name),
            role_name=f"Flat Trident {role_name}",
            role_type="CustomRole",
            permissions=[{"actions": actions}],
            assignable_scopes=scopes[role_name],
        )
        for index, scope in enumerate(scopes[role_name]):
            assignments.append(
                authorization.RoleAssignment(
                    f"{role_name}-{index}-assignment",
                    scope=scope,
                    role_assignment_name=_guid(f"{role_name}{index}"),
                    role_definition_id=role.id,
                    principal_id=identity.principal_id,
                    principal_type="ServicePrincipal",
                )
            )
    trident: Any = config.require_object("trident")
    identity_of_pods = pulumi.Output.concat("'azure.workload.identity/client-id: ", identity.client_id, "'")
    release = k8s.helm.v3.Release(
        "trident",
        name="trident",
        namespace="trident",
        create_namespace=True,
        chart="trident-operator",
        version=trident["version"],
        repository_opts={"repo": "https://netapp.github.io/trident-helm-chart"},
        values={"windows": True, "cloudProvider": "Azure", "cloudIdentity": identity_of_pods},
        opts=after(federation),
    )
    orchestrator = k8s.apiextensions.CustomResourcePatch(
        "orchestrator",
        api_version="trident.netapp.io/v1",
        kind="TridentOrchestrator",
        metadata={"name": "trident", "annotations": {"pulumi.com/waitFor": _INSTALLED}},
        opts=after(release),
    )
    controller = {"name": "trident-controller", "namespace": "trident"}
    forced: Any = {**controller, "annotations": {"pulumi.com/patchForce": "true"}}
    told = k8s.core.v1.ServiceAccountPatch("told", metadata=forced, opts=after(orchestrator))
    signed_in = k8s.apps.v1.DeploymentPatch("sign-in", metadata=forced, opts=after(told))
    settings: Any = config.require_object("pools")[0]
    backend = k8s.apiextensions.CustomResource(
        "backend",
        api_version="trident.netapp.io/v1",
        kind="TridentBackendConfig",
        metadata={
            "name": "backend-tbc-anf-smb",
            "namespace": "trident",
            "annotations": {"pulumi.com/waitFor": _READY},
        },
        spec=pulumi.Output.all(
            group.name, account.name, client.subscription_id, client.tenant_id, account.location, subnet.id
        ).apply(lambda given: _backend(*given, pool=settings)),
        opts=after(signed_in, pool, *assignments),
    )
    storage_class = k8s.storage.v1.StorageClass(
        "storage-class",
        metadata={"name": settings.get("storageClass", "anf-sc-smb")},
        provisioner="csi.trident.netapp.io",
        parameters={
            "backendType": "azure-netapp-files",
            "storagePools": "anf-smb:.*",
            "csi.storage.k8s.io/node-stage-secret-name": "smbcreds",
            "csi.storage.k8s.io/node-stage-secret-namespace": "smb-dynamic",
        },
        reclaim_policy="Retain",
        allow_volume_expansion=True,
        opts=after(backend),
    )
    namespace = k8s.core.v1.Namespace("smb-dynamic", metadata={"name": "smb-dynamic"}, opts=on_cluster)
    user: Any = config.require_object("smbUser")
    secret = k8s.core.v1.Secret(
        "dynamic-smbcreds",
        metadata={"name": "smbcreds", "namespace": namespace.metadata["name"]},
        type="Opaque",
        string_data={
            "username": f"{user['domain']}\\{user['username']}",
            "password": config.require_secret("smbPassword"),
        },
        opts=on_cluster,
    )
    for claim in config.require_object("dynamicClaims"):
        name = claim["name"]
        made = k8s.core.v1.PersistentVolumeClaim(
            f"{name}-claim",
            metadata={
                "name": f"anf-pvc-{name}",
                "namespace": namespace.metadata["name"],
                "annotations": {"pulumi.com/waitFor": "jsonpath={.status.phase}=Bound"},
            },
            spec={
                "access_modes": ["ReadWriteMany"],
                "storage_class_name": storage_class.metadata["name"],
                "resources": {"requests": {"storage": f"{claim['sizeGiB']}Gi"}},
            },
            opts=after(secret, *volumes),
        )
        if config.get_object("sampleWorkload"):
            pod(f"dynamic-{name}", "iis-pod", namespace.metadata["name"], made.metadata["name"], on_cluster)


def _backend(
    group: str, account: str, subscription: str, tenant: str, location: str, subnet: str, *, pool: Any
) -> dict[str, Any]:
    segments = subnet.split("/")
    network_name = f"{segments[4]}/{segments[8]}"
    return {
        "version": 1,
        "storageDriverName": "azure-netapp-files",
        "backendName": "anf-smb",
        "subscriptionID": subscription,
        "tenantID": tenant,
        "location": location,
        "nasType": "smb",
        "networkFeatures": "Standard",
        "serviceLevel": pool["serviceLevel"],
        "resourceGroups": [group, segments[4]],
        "netappAccounts": [f"{group}/{account}"],
        "capacityPools": [f"{group}/{account}/{pool['name']}"],
        "virtualNetwork": network_name,
        "subnet": f"{network_name}/{segments[10]}",
    }


def _guid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"flat/{name}"))
