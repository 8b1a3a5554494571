"""Reading from the cluster of the stack's provider."""

import asyncio
import json
from typing import Any, Final, cast

import pulumi
import yaml

_REQUEST_SECONDS: Final = (5, 15)
"""Timeouts to connect and to read."""

Json = dict[str, Any]


class RefusedError(Exception):
    """The API server refused a request. Its message may contain anything, so only the status is kept."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Api:
    """The API server, with Kubernetes' own client for the kubeconfig, the credentials and the transport."""

    def __init__(self, kubeconfig: str | None, context: str | None) -> None:
        # Only here: a run that creates no object of the cluster need not load it.
        from kubernetes import client, config  # noqa: PLC0415

        self._client: Any = client
        settings: Any = self._client.Configuration()
        options: Json = {"context": context, "client_configuration": settings, "persist_config": False}
        if kubeconfig is None:
            cast("Any", config).load_kube_config(**options)
        else:
            cast("Any", config).load_kube_config_from_dict(yaml.safe_load(kubeconfig), **options)
        settings.retries = False
        self._api: Any = self._client.ApiClient(settings)
        self._kinds: dict[str, dict[str, Json]] = {}

    def get(self, path: str, **query: str) -> Json | None:
        """Return what is at a path, or None. Raise `RefusedError` if the server refuses."""
        prepared = self._api.param_serialize(
            "GET",
            path,
            query_params=[*query.items()],
            header_params={"Accept": "application/json"},
            auth_settings=["BearerToken"],
        )
        answer = self._api.call_api(*prepared, _request_timeout=_REQUEST_SECONDS)
        data = bytes(answer.read() or b"")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise RefusedError(int(answer.status))
        return cast("Json", json.loads(data))

    def items(self, path: str, **query: str) -> list[Json]:
        """Return the objects of a collection; none if there is no such collection."""
        return list((self.get(path, **query) or {}).get("items") or [])

    def path(self, api_version: str, kind: str, namespace: str | None, name: str) -> str | None:
        """Return the path of an object, or None if the cluster does not know its kind."""
        base = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        if api_version not in self._kinds:
            served = self.get(base) or {"resources": []}
            self._kinds[api_version] = {each["kind"]: each for each in served["resources"] if "/" not in each["name"]}
        served_kind = self._kinds[api_version].get(kind)
        if served_kind is None:
            return None
        of_namespace = f"/namespaces/{namespace or 'default'}" if served_kind["namespaced"] else ""
        return f"{base}{of_namespace}/{served_kind['name']}/{name}"


class Connection:
    """The API of a provider's cluster, connected at the first use."""

    def __init__(self, kubeconfig: pulumi.Output[str] | None, context: str | None) -> None:
        """Take the kubeconfig and the context of the provider; without a kubeconfig kubectl's own is read."""
        self._kubeconfig = kubeconfig
        self._context = context
        self._connecting: asyncio.Task[Api | None] | None = None

    async def api(self) -> Api | None:
        """Return the API of the cluster, or None in a preview that does not know its kubeconfig."""
        self._connecting = self._connecting or asyncio.ensure_future(self._connect())
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> Api | None:
        if self._kubeconfig is None:
            return await asyncio.to_thread(Api, None, self._context)
        content = await self._kubeconfig.future()
        return await asyncio.to_thread(Api, content, self._context) if isinstance(content, str) else None


def reason_of(error: Exception) -> str:
    """Return what may be printed of a failed reading: the text of a plugin for credentials may have some."""
    return f"HTTP status {error.status}" if isinstance(error, RefusedError) else type(error).__name__
