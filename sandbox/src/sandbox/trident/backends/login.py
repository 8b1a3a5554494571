"""How Trident signs in to Azure: as the workload identity of its Pod, as the application of a Secret, or as its node.

The order is that of initializeAzureSDKClient of storage_drivers/azure/azure_anf.go and azclient's NewAuthProvider: a
workload identity that the Pod has goes first, then a Secret, then the node's file azure.json. Without any of them
requests carry no token, and Azure refuses them.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.identity import ClientAssertionCredential, ClientSecretCredential, ManagedIdentityCredential
from azure.mgmt.netapp import NetAppManagementClient

from sandbox.azure.address import last_port
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.principals import KUBELET
from sandbox.azure.http import certificates
from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json, key
from sandbox.paths import SandboxPaths
from sandbox.trident.backends.azure_errors import LastRefusal, login_text
from sandbox.trident.backends.spec import BackendError
from sandbox.trident.names import AZURE_IDENTITY_KEY

_TENANT_KEY: Final = "azure.workload.identity/tenant-id"
_USE_LABEL: Final = "azure.workload.identity/use"
_EXCHANGE: Final = "api://AzureADTokenExchange"
_TENANT: Final = re.compile(r"[A-Za-z0-9.-]+")
_INVALID_TENANT: Final = (
    "invalid tenantID. You can locate your tenantID by following the instructions listed here: "
    "https://learn.microsoft.com/partner-center/find-ids-and-domain-names"
)
"""validTenantID and errInvalidTenantID of azidentity (Azure/azure-sdk-for-go)."""
_NODES_HOST: Final = "AZURE_POD_IDENTITY_AUTHORITY_HOST"


@dataclass(frozen=True)
class ControllerIdentity:
    """The identity that AKS gives to the controller's Pod. Empty fields: AKS gives none."""

    namespace: str
    service_account: str
    client_id: str = ""
    """Of a workload identity: AKS's webhook gives it to Pods with its label, from their ServiceAccount."""
    tenant_id: str = ""
    node_file: bool = False
    """The node's /etc/kubernetes/azure.json is mounted."""
    node_subscription: str = ""
    node_location: str = ""


@dataclass(frozen=True)
class Login:
    """A signed-in identity. `options` are those of every client of Azure's."""

    credential: Any = field(repr=False)
    """None: requests carry no token."""
    base: str
    options: Mapping[str, Any] = field(repr=False)
    kind: str = ""
    """As in Go's errors: `ClientSecretCredential`."""
    section: str = ""
    """Of azidentity's troubleshooting page."""
    refusal: LastRefusal = field(default_factory=LastRefusal, repr=False)

    def netapp(self, subscription: str) -> NetAppManagementClient:
        return NetAppManagementClient(self.credential or _Nobody(), subscription, **self._client_options())

    def prove(self) -> None:
        """Ask for a token, if there is a credential; raise BackendError if it is refused."""
        if self.credential is None:
            return
        try:
            self.credential.get_token(f"{self.base}/.default")
        except AzureError as error:
            raise BackendError(login_text(error, self.refusal, self.kind, self.section)) from error

    def _client_options(self) -> dict[str, Any]:
        options = {"base_url": self.base, "credential_scopes": [f"{self.base}/.default"], **self.options}
        if self.credential is None:  # the clients for Go then send requests without a token
            options["authentication_policy"] = SansIOHTTPPolicy[Any, Any]()
        return options


class _Nobody:
    """The credential that the clients for Python insist on; it is never asked."""

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        raise NotImplementedError


class AzureLogins:
    """Creates logins at the sandbox's Azure, wherever it serves now."""

    def __init__(self, api: KubeApi, paths: SandboxPaths) -> None:
        self._api = api
        self._paths = paths

    def login(self, identity: ControllerIdentity, tenant: str, secret: Mapping[str, str]) -> Login:
        """Return the login of a backend; `secret` holds its client id and secret, or is empty."""
        port = last_port(self._paths)
        if port is None:
            raise BackendError("the sandbox's Azure has not been started: python -m sandbox up")
        base = f"https://127.0.0.1:{port}"
        options: dict[str, Any] = {"connection_verify": str(certificates.ensure(self._paths).ca), "retry_total": 2}
        refusal = LastRefusal()
        asking: dict[str, Any] = {"raw_response_hook": refusal.note, **options}
        entra: dict[str, Any] = {"authority": base, "disable_instance_discovery": True, **asking}
        if identity.client_id:
            tenant = identity.tenant_id or TENANT  # the webhook's goes before the backend's
            asserted = ClientAssertionCredential(
                tenant, identity.client_id, lambda: self._service_account_token(identity), **entra
            )
            return Login(asserted, base, options, "WorkloadIdentityCredential", "workload", refusal)
        if secret.get("clientsecret"):
            if not _TENANT.fullmatch(tenant):
                raise BackendError(f"error creating azure auth provider: {_INVALID_TENANT}")
            # Azure's client for Python refuses an empty client id itself; the one for Go leaves that to Entra.
            known = ClientSecretCredential(tenant, secret["clientid"] or " ", secret["clientsecret"], **entra)
            return Login(known, base, options, "ClientSecretCredential", "client-secret", refusal)
        if identity.node_file and not secret.get("clientid"):
            os.environ[_NODES_HOST] = base  # where azure-identity looks for the node's endpoint
            node = ManagedIdentityCredential(client_id=KUBELET.client_id, **asking)
            return Login(node, base, options, "ManagedIdentityCredential", "managed-id", refusal)
        return Login(None, base, options)

    def _service_account_token(self, identity: ControllerIdentity) -> str:
        """Return the token that a kubelet projects into the Pod for the exchange."""
        path = f"/api/v1/namespaces/{identity.namespace}/serviceaccounts/{identity.service_account}/token"
        answer = self._api.create(path, {"spec": {"audiences": [_EXCHANGE], "expirationSeconds": 3600}})
        return str(answer["status"]["token"])


def controller_identity(pod: Json, account: Json | None, nodes: Mapping[tuple[str, str], Json]) -> ControllerIdentity:
    """Return what AKS gives to a controller's Pod when it is created, from its ServiceAccount and its node."""
    annotations: Json = (account or {}).get("metadata", {}).get("annotations") or {}
    labelled = pod["metadata"].get("labels", {}).get(_USE_LABEL) == "true"
    environment = {entry["name"] for container in pod["spec"]["containers"] for entry in container.get("env", [])}
    node: Json = nodes.get(("", str(pod["spec"].get("nodeName", ""))), {})
    provider = str(node.get("spec", {}).get("providerID", "")).split("/")
    return ControllerIdentity(
        namespace=key(pod)[0],
        service_account=str(pod["spec"].get("serviceAccountName", "default")),
        client_id=str(annotations.get(AZURE_IDENTITY_KEY, "")) if labelled else "",
        tenant_id=str(annotations.get(_TENANT_KEY, "")),
        node_file="AZURE_CREDENTIAL_FILE" in environment,
        node_subscription=provider[4] if len(provider) > 4 else "",
        node_location=str(node.get("metadata", {}).get("labels", {}).get("topology.kubernetes.io/region", "")),
    )
