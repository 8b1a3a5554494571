"""Microsoft's own clients, unmodified, pointed at an emulator."""

import ssl
import time
from functools import cached_property
from typing import Any

import httpx
from azure.identity import ClientSecretCredential
from azure.mgmt.netapp import NetAppManagementClient
from azure.mgmt.network import NetworkManagementClient

from sandbox.azure.entra.access_tokens import AccessTokens, SigningKey
from sandbox.azure.entra.credentials import SUBSCRIPTION
from sandbox.azure.entra.principals import Principal
from sandbox.azure.store import Store
from sandbox.environment import azure_variables
from sandbox.estate.estate import Estate
from sandbox.paths import SandboxPaths


class AzureClients:
    """Clients of one running emulator."""

    def __init__(self, paths: SandboxPaths) -> None:
        self.paths = paths
        self.environment = azure_variables(paths)
        self.base = self.environment["AZURE_AUTHORITY_HOST"]
        self.bundle = self.environment["REQUESTS_CA_BUNDLE"]

    def credential(self, **changes: str) -> ClientSecretCredential:
        """Return the credential of the sandbox's owner, or of the principal that `changes` name."""
        principal = {
            "tenant_id": self.environment["AZURE_TENANT_ID"],
            "client_id": self.environment["AZURE_CLIENT_ID"],
            "client_secret": self.environment["AZURE_CLIENT_SECRET"],
            **changes,
        }
        return ClientSecretCredential(
            **principal,
            authority=self.base,
            disable_instance_discovery=True,
            connection_verify=self.bundle,
            retry_total=0,
        )

    @property
    def options(self) -> dict[str, Any]:
        """Return the arguments that point any of Microsoft's management clients here."""
        return {
            "base_url": self.base,
            "credential_scopes": [f"{self.base}/.default"],
            "connection_verify": self.bundle,
            "retry_total": 0,
        }

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.bundle)

    @cached_property
    def netapp(self) -> NetAppManagementClient:
        """The client of Azure NetApp Files."""
        return NetAppManagementClient(self.credential(), SUBSCRIPTION, **self.options)

    def of(self, subscription: str) -> NetAppManagementClient:
        """Return the client of Azure NetApp Files for another subscription."""
        return NetAppManagementClient(self.credential(), subscription, **self.options)

    @cached_property
    def network(self) -> NetworkManagementClient:
        """The client of virtual networks."""
        return NetworkManagementClient(self.credential(), SUBSCRIPTION, **self.options)

    @cached_property
    def estate(self) -> Estate:
        """What network teams and administrators have there, beside Azure's API."""
        return Estate(Store(self.paths.arm_database))

    @cached_property
    def token(self) -> str:
        """A token of the owner."""
        return self.credential().get_token(f"{self.base}/.default").token

    @cached_property
    def http(self) -> httpx.Client:
        """Plain HTTP with a token, for what Microsoft's clients do not show."""
        return httpx.Client(
            base_url=self.base, verify=self._trust, headers={"Authorization": f"Bearer {self.token}"}, timeout=90
        )

    def follow(self, address: str) -> httpx.Response:
        """Ask at the address of an operation until it is over."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            answer = self.http.get(address)
            over = not answer.content or answer.json().get("status") in {None, "Succeeded", "Failed", "Canceled"}
            if answer.status_code != 202 and over:
                return answer
            time.sleep(0.05)
        raise AssertionError(f"the operation at {address} did not end within 90 s")

    def as_principal(self, client_id: str, object_id: str) -> httpx.Client:
        """Plain HTTP as somebody else, by a token of the tenant's own key."""
        token = AccessTokens(SigningKey.ensure(self.paths)).issue(Principal(client_id, object_id), f"{self.base}/")
        return httpx.Client(
            base_url=self.base, verify=self._trust, headers={"Authorization": f"Bearer {token}"}, timeout=90
        )

    @cached_property
    def anonymous(self) -> httpx.Client:
        """Plain HTTP without a token."""
        return httpx.Client(base_url=self.base, verify=self._trust, timeout=90)

    def group(self, name: str, location: str = "koreacentral") -> str:
        """A new resource group; returns its id."""
        path = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"
        answer = self.http.put(path, params={"api-version": "2024-03-01"}, json={"location": location})
        answer.raise_for_status()
        return path
