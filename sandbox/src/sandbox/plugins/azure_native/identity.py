"""Who the plugin is to Azure: the choice of a credential and its tokens, by azure-identity."""

import base64
import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.plugins.azure_native.operation import CloudError
from sandbox.plugins.azure_native.settings import Cloud, Settings

_REFRESH_BEFORE: Final = 300
_NEEDED: Final = ("Subscription ID", "Tenant ID", "Client ID")


def require_credentials(settings: Settings) -> None:
    """Raise CloudError, as the genuine plugin words it, unless these settings can log in at an emulator.

    The genuine plugin also knows certificates, managed identities and the Azure CLI: none of them exists where there is
    only an emulator.
    """
    if settings.client_secret:
        _require(settings, "when authenticating as a Service Principal using a Client Secret.")
    elif settings.on("useOidc", "ARM_USE_OIDC"):
        _require(settings, "when authenticating with OIDC.")
        if not _oidc_token(settings):
            raise CloudError("A OIDC token or request URL and token must be configured when authenticating with OIDC.")
    else:
        raise CloudError(
            "Azure CLI not found on path: no other credentials are configured for azure-native. The sandbox's stand-in "
            "logs in with a client secret (azure-native:clientSecret or ARM_CLIENT_SECRET, with clientId and tenantId) "
            "or an OIDC token (useOidc or ARM_USE_OIDC)"
        )
    if not settings.metadata_host:
        raise CloudError(
            "the sandbox's stand-in for azure-native speaks to an emulator only: azure-native:metadataHost or "
            "ARM_METADATA_HOSTNAME must name it. A real cloud needs the genuine plugin"
        )


def _require(settings: Settings, when: str) -> None:
    values = (settings.subscription_id, settings.tenant_id, settings.client_id)
    for name, value in zip(_NEEDED, values, strict=True):
        if not value:
            raise CloudError(f"A {name} must be configured {when}")


def _oidc_token(settings: Settings) -> str:
    token = settings.get("oidcToken", "ARM_OIDC_TOKEN")
    file = settings.get("oidcTokenFilePath", "ARM_OIDC_TOKEN_FILE_PATH")
    if token or not file:
        return token
    try:
        return Path(file).read_text()
    except OSError as error:
        raise CloudError(f"failed to read OIDC token from {file}: {error}") from error


class Identity:
    """The tokens of one client. Safe to use from several threads."""

    def __init__(self, settings: Settings, cloud: Cloud) -> None:
        self._settings = settings
        self._cloud = cloud
        self._lock = threading.Lock()
        self._credential: Any = None
        self._tokens: dict[str, tuple[str, float]] = {}

    def token(self, audience: str) -> str:
        """An access token for this audience."""
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
        from azure.identity import ClientAssertionCredential, ClientSecretCredential

        settings = self._settings
        # No public directory knows an emulator's authority, so there is nothing to discover it by.
        options: dict[str, Any] = {
            "authority": self._cloud.login,
            "disable_instance_discovery": True,
            "connection_verify": settings.ca_bundle or True,
            "retry_total": 3,
        }
        if settings.client_secret:
            return ClientSecretCredential(settings.tenant_id, settings.client_id, settings.client_secret, **options)
        return ClientAssertionCredential(
            settings.tenant_id, settings.client_id, lambda: _oidc_token(settings), **options
        )

    def client_config(self) -> dict[str, str]:
        """What `authorization:getClientConfig` answers: read from the claims of a token for Microsoft Graph."""
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
    try:
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError) as error:
        raise CloudError("parsing claims from access token: it is no JSON Web Token") from error
