"""From a backend's spec to a backend that works: read, logged in, discovered, checked."""

import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from azure.core.exceptions import AzureError

from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json
from sandbox.trident.backends.azure_errors import response_text
from sandbox.trident.backends.azure_login import AzureLogins, ControllerIdentity, Login
from sandbox.trident.backends.backends import DRIVER, Backend, BackendError, Installation
from sandbox.trident.backends.discovery import Discovery
from sandbox.trident.backends.settings import BackendSettings, check, parse

_CACHE_SECONDS: Final = 600.0
"""How old what was discovered may be when a volume is made (DefaultMaxCacheAge)."""

_PROBLEM: Final = f"problem initializing storage driver '{DRIVER}': error"


@dataclass(frozen=True)
class _Discovered:
    login: Login
    settings: BackendSettings
    at: float


class BackendFactory:
    """Makes backends for a Trident, and looks anew at what they found."""

    def __init__(self, api: KubeApi, logins: AzureLogins, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._logins = logins
        self._clock = clock
        self._discovered: dict[str, _Discovered] = {}

    def create(
        self, spec: Json, default_name: str, uuid: str, installation: Installation, identity: ControllerIdentity
    ) -> Backend:
        """A backend.

        Raises:
            BackendError: in Trident's words, from the first refusal on.

        """
        settings = parse(spec, default_name, installation.release)
        secret = self._secret(installation.namespace, settings.secret_name)
        if not secret and not identity.client_id and identity.node_file:
            settings = replace(settings, subscription_id=identity.node_subscription, location=identity.node_location)
        if secret:
            for name in ("ClientID", "ClientSecret"):
                if name.lower() not in secret:
                    raise BackendError(
                        f"{_PROBLEM} initializing {DRIVER} driver; could not inject backend secret; {name} field "
                        "missing from backend secrets"
                    )
        if not settings.location:
            raise BackendError(f"{_PROBLEM} initializing {DRIVER} SDK client. location must be specified in the config")
        login = self._logins.login(identity, settings.tenant_id, secret)
        netapp = login.netapp(settings.subscription_id)
        try:
            pools = Discovery(login, settings, netapp).storage_pools()
        except BackendError as error:
            raise BackendError(f"{_PROBLEM} initializing {DRIVER} SDK client. {error}") from error
        try:
            check(settings)
        except BackendError as error:
            raise BackendError(f"{_PROBLEM} validating {DRIVER} driver. {error}") from error
        self._discovered[uuid] = _Discovered(login, settings, self._clock())
        return Backend(
            name=settings.name,
            uuid=uuid,
            subscription_id=settings.subscription_id,
            location=settings.location,
            storage_prefix=settings.storage_prefix,
            limit_volume_size=settings.limit_volume_size,
            minimum_volume_size=installation.minimum_volume_size,
            storage_pools=pools,
            netapp=netapp,
        )

    def refreshed(self, backend: Backend) -> Backend:
        """The backend as it is, or discovered anew where that was long ago.

        Raises:
            BackendError: what Trident says of the discovery.

        """
        known = self._discovered.get(backend.uuid)
        if known is None or self._clock() - known.at < _CACHE_SECONDS:
            return backend
        try:
            pools = Discovery(known.login, known.settings, backend.netapp).storage_pools()
        except AzureError as error:
            raise BackendError(response_text(error)) from error
        self._discovered[backend.uuid] = replace(known, at=self._clock())
        return replace(backend, storage_pools=pools)

    def _secret(self, namespace: str, name: str) -> Mapping[str, str]:
        """A Secret's values, their names in lower case; empty where a backend names none."""
        if not name:
            return {}
        try:
            secret = self._api.get(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        except NotFoundError as error:
            raise BackendError("backend credentials not found") from error
        data: dict[str, str] = secret.get("data") or {}
        return {key.lower(): b64decode(value).decode(errors="replace") for key, value in data.items()}
