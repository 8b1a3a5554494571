"""From a spec to a backend that works: read, signed in, discovered, checked."""

import time
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sandbox.kube.api import KubeApi
from sandbox.kube.objects import Json
from sandbox.trident.backends.backend import Backend, Installation
from sandbox.trident.backends.discovery import Discovery
from sandbox.trident.backends.login import AzureLogins, ControllerIdentity
from sandbox.trident.backends.spec import DRIVER, BackendError, BackendSpec, parse
from sandbox.trident.backends.spec_checks import check, check_client, check_last, check_user_state

_CACHE_SECONDS: Final = 600.0
"""How old a discovery may be when a volume is created (DefaultMaxCacheAge)."""

_PROBLEM: Final = f"problem initializing storage driver '{DRIVER}': error"


class BackendFactory:
    """Creates backends for a Trident, and discovers anew what old ones know of Azure."""

    def __init__(self, api: KubeApi, logins: AzureLogins) -> None:
        self._api = api
        self._logins = logins
        self._discovered: dict[str, tuple[Discovery, float]] = {}

    def create(
        self, spec: Json, default_name: str, uuid: str, installation: Installation, identity: ControllerIdentity
    ) -> Backend:
        settings = parse(spec, default_name, installation.release)
        try:
            return self._initialized(settings, uuid, installation, identity)
        finally:  # whatever became of the driver
            check_user_state(settings)

    def _initialized(
        self, settings: BackendSpec, uuid: str, installation: Installation, identity: ControllerIdentity
    ) -> Backend:
        secret = self._secret(installation.namespace, settings.secret_name)
        if not any(secret.values()) and not identity.client_id and identity.node_file:
            settings = replace(settings, subscription_id=identity.node_subscription, location=identity.node_location)
        for name in ("ClientID", "ClientSecret"):
            if secret and name.lower() not in secret:
                raise BackendError(
                    f"{_PROBLEM} initializing {DRIVER} driver; could not inject backend secret; {name} field "
                    "missing from backend secrets"
                )
        try:
            check_client(settings, settings.location)
            login = self._logins.login(identity, settings.tenant_id, secret)
            netapp = login.netapp(settings.subscription_id)
            discovery = Discovery(login, settings, netapp)
            pools, subnets = discovery.fitting()
        except BackendError as error:
            raise BackendError(f"{_PROBLEM} initializing {DRIVER} SDK client. {error}") from error
        try:
            check(settings)
        except BackendError as error:
            raise BackendError(f"{_PROBLEM} validating {DRIVER} driver. {error}") from error
        try:
            check_last(settings)
        except BackendError as error:
            raise BackendError(f"problem initializing storage driver '{DRIVER}': {error}") from error
        self._discovered[uuid] = (discovery, time.monotonic())
        smallest = installation.minimum_volume_size
        return Backend(uuid, settings, smallest, pools, subnets, netapp, user_state=settings.user_state.lower())

    def refreshed(self, backend: Backend) -> Backend:
        """Return the backend, discovered anew where that was long ago; raise BackendError if that fails."""
        discovery, at = self._discovered.get(backend.uuid, (None, 0.0))
        if discovery is None or time.monotonic() - at < float(backend.spec.max_cache_age or _CACHE_SECONDS):
            return backend
        pools, subnets = discovery.fitting()
        self._discovered[backend.uuid] = (discovery, time.monotonic())
        return replace(backend, capacity_pools=pools, subnets=subnets)

    def _secret(self, namespace: str, name: str) -> Mapping[str, str]:
        """Return a Secret's values, by names in lower case; nothing where a backend names none."""
        if not name:
            return {}
        secret = self._api.find(f"/api/v1/namespaces/{namespace}/secrets/{name}")
        if secret is None:
            raise BackendError("backend credentials not found")
        data: dict[str, str] = secret.get("data") or {}
        return {key.lower(): b64decode(value).decode(errors="replace") for key, value in data.items()}
