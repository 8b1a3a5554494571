"""The client that the plugin is to Azure, and its tokens, by azure-identity."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from sandbox.plugins.azure_native.operation import CloudError
from sandbox.plugins.azure_native.settings import Cloud, Settings

_REFRESH_BEFORE: Final = 300


def require_credentials(settings: Settings) -> None:
    """Raise CloudError, as the genuine plugin words it, unless these settings can log in at an emulator.

    The genuine plugin also knows certificates, OIDC tokens, managed identities and the Azure CLI: where there is only
    an emulator, a client secret is enough.
    """
    if not settings.client_secret:
        raise CloudError(
            "Azure CLI not found on path: no other credentials are configured for azure-native. The sandbox's stand-in "
            "logs in with a client secret (azure-native:clientSecret or ARM_CLIENT_SECRET, with clientId and tenantId)"
        )
    needed = {
        "Subscription ID": settings.subscription_id,
        "Tenant ID": settings.tenant_id,
        "Client ID": settings.client_id,
    }
    for name, value in needed.items():
        if not value:
            when = "when authenticating as a Service Principal using a Client Secret."
            raise CloudError(f"A {name} must be configured {when}")
    if not settings.metadata_host:
        raise CloudError(
            "the sandbox's stand-in for azure-native speaks to an emulator only: azure-native:metadataHost or "
            "ARM_METADATA_HOSTNAME must name it. A real cloud needs the genuine plugin"
        )


class Identity:
    """The tokens of one client. Safe to use from several threads."""

    def __init__(self, settings: Settings, cloud: Cloud) -> None:
        self._settings = settings
        self._cloud = cloud
        self._lock = threading.Lock()
        self._credential: Any = None
        self._tokens: dict[str, tuple[str, float]] = {}

    def token(self, audience: str) -> str:
        with self._lock:
            text, expires = self._tokens.get(audience, ("", 0.0))
            if expires - _REFRESH_BEFORE > time.time():
                return text
            from azure.core.exceptions import AzureError

            try:
                self._credential = self._credential or self._new_credential()
                access = self._credential.get_token(f"{audience}/.default")
            except (AzureError, ValueError) as error:
                raise CloudError(f"could not acquire an access token from {self._cloud.login}: {error}") from error
            self._tokens[audience] = (access.token, float(access.expires_on))
            return access.token

    def _new_credential(self) -> Any:
        from azure.identity import ClientSecretCredential

        settings = self._settings
        return ClientSecretCredential(
            settings.tenant_id,
            settings.client_id,
            settings.client_secret,
            authority=self._cloud.login,
            disable_instance_discovery=True,  # no public directory knows an emulator's authority
            connection_verify=settings.ca_bundle or True,
            retry_total=3,
        )

    def client_config(self) -> dict[str, str]:
        if not self._cloud.graph:
            raise CloudError("The provider configuration must include a value for microsoftGraphEndpoint")
        claims = _claims(self.token(self._cloud.graph))
        object_id = claims.get("oid", "")
        if not object_id:
            raise CloudError(
                "attempting to discover object ID for authenticated service principal with client ID "
                f'"{self._settings.client_id}": the access token has no `oid` claim'
            )
        return {
            "clientId": claims.get("appid") or self._settings.client_id,
            "objectId": object_id,
            "subscriptionId": self._settings.subscription_id,
            "tenantId": claims.get("tid") or self._settings.tenant_id,
        }


def _claims(token: str) -> Mapping[str, Any]:
    import jwt

    try:
        return jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise CloudError("parsing claims from access token: it is no JSON Web Token") from error
