"""Backend configs without a client secret: the identity of Trident's Pod, and that of its node."""

import uuid

from sandbox.azure.entra.principals import KUBELET
from tests.azure.names import SUBSCRIPTION
from tests.nodes.world import eventually
from tests.trident.world import NAMESPACE, NEWEST, TridentSandbox

CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
IDENTITIES = "providers/Microsoft.ManagedIdentity/userAssignedIdentities"


def test_workload_identity(trident: TridentSandbox) -> None:
    client_id, principal = identity(trident)
    values = {"cloudProvider": "Azure", "cloudIdentity": f"azure.workload.identity/client-id: {client_id}"}
    trident.installed(NEWEST, **values)

    def annotated() -> bool:
        account = trident.api.get(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/trident-controller")
        return account["metadata"].get("annotations") == {"azure.workload.identity/client-id": client_id}

    eventually(annotated, "the identity on the controller's ServiceAccount")
    # Whatever tenant the backend names: the Pod's goes before.
    trident.configure(credentials=None, resourceGroups=["rg-anf"], tenantID="no tenant at all")
    trident.await_config("", "Failed", "WorkloadIdentityCredential authentication failed. \nPOST https://")
    trust(trident)
    # Trusted, but without a role: there is nothing that it may see.
    trident.await_config("", "Failed", "capacity pool query returned no data")
    assign(trident, principal)
    trident.await_config("Bound", "Success")
    trident.api.delete(trident.config_path())
    trident.await_gone(trident.config_path())


def test_managed_identity(cluster: TridentSandbox) -> None:
    """Begin without Trident: one that had a workload identity keeps its label."""
    trident = cluster
    trident.installed(NEWEST, cloudProvider="Azure")
    eventually(lambda: "AZURE_CREDENTIAL_FILE" in repr(trident.pods("controller.csi.trident.netapp.io")), "its Pod")
    assign(trident, KUBELET.object_id)
    trident.configure(credentials=None, location=None, subscriptionID=None, tenantID=None)
    trident.await_config("Bound", "Success")


def identity(trident: TridentSandbox) -> tuple[str, str]:
    """A user-assigned identity: client id and object id."""
    answer = trident.azure.http.put(
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-anf/{IDENTITIES}/trident",
        params={"api-version": "2023-01-31"},
        json={"location": "koreacentral"},
    )
    answer.raise_for_status()
    properties = answer.json()["properties"]
    return properties["clientId"], properties["principalId"]


def trust(trident: TridentSandbox) -> None:
    """Let the controller's ServiceAccount be the identity."""
    cluster = "providers/Microsoft.ContainerService/managedClusters/aks-dev"
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-anf"
    known = trident.azure.http.get(f"{group}/{cluster}", params={"api-version": "2025-08-01"})
    known.raise_for_status()
    properties = {
        "issuer": known.json()["properties"]["oidcIssuerProfile"]["issuerURL"],
        "subject": f"system:serviceaccount:{NAMESPACE}:trident-controller",
        "audiences": ["api://AzureADTokenExchange"],
    }
    answer = trident.azure.http.put(
        f"{group}/{IDENTITIES}/trident/federatedIdentityCredentials/aks",
        params={"api-version": "2023-01-31"},
        json={"properties": properties},
    )
    answer.raise_for_status()


def assign(trident: TridentSandbox, principal: str) -> None:
    """Contributor on the account's group."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-anf"
    role = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"
    body = {"properties": {"roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal"}}
    path = f"{group}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    answer = trident.azure.http.put(path, params={"api-version": "2022-04-01"}, json=body)
    answer.raise_for_status()
