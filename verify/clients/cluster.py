"""The Kubernetes API in JSON, with Kubernetes' own client for configuration, credentials, transport and exec."""

import json
import threading
from collections.abc import Mapping
from typing import Any, Final, Protocol, cast
from urllib.parse import urlencode

import urllib3
import websocket
from kubernetes import client, config
from kubernetes.stream import stream

from verify.errors import UnreachableError, VerifyError

Json = dict[str, Any]

_REQUEST_SECONDS: Final = (5, 15)
"""Timeouts to connect and to read."""
_METADATA_ONLY: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_CONNECTIONS: Final = 16


class ApiError(Exception):
    """The API server refused a request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Transport(Protocol):
    """The transport of requests to an API server."""

    @property
    def server(self) -> str:
        """Return the API server's address."""
        ...

    def request(self, method: str, path: str, body: Json | None, accept: str) -> Json:
        """Send one request; raise `ApiError` or `UnreachableError`."""
        ...

    def execute(self, namespace: str, pod: str, container: str, command: list[str], seconds: float) -> tuple[int, str]:
        """Run a command in a container; return its exit code and output."""
        ...


class Cluster:
    """A cluster with a cache: each object is read once, unless `fresh` is set."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._cache: dict[str, Json | None] = {}
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}

    @property
    def server(self) -> str:
        """Return the API server's address."""
        return self._transport.server

    def version(self) -> str:
        """Return the version of the API server.

        Raises:
            UnreachableError: it does not answer.

        """
        return str(self._transport.request("GET", "/version", None, "application/json").get("gitVersion", ""))

    def find(self, path: str, *, fresh: bool = False) -> Json | None:
        """Return an object, or None.

        Raises:
            ApiError: the API server refuses.
            UnreachableError: it does not answer.

        """
        with self._lock:
            if not fresh and path in self._cache:
                return self._cache[path]
            asking = self._asking.setdefault(path, threading.Lock())
        with asking:  # several checks read the same object at once
            with self._lock:
                if not fresh and path in self._cache:
                    return self._cache[path]
            found = self._ask(path)
            with self._lock:
                self._cache[path] = found
            return found

    def select(self, path: str, *, fresh: bool = False, **selectors: str) -> list[Json]:
        """Return objects of a collection by `labelSelector` and `fieldSelector`; none if the kind is unknown."""
        query = f"?{urlencode(selectors)}" if selectors else ""
        found = self.find(f"{path}{query}", fresh=fresh)
        return list(found.get("items") or []) if found else []

    def list_metadata(self, path: str, **selectors: str) -> list[Json]:
        """Return only metadata: the content of Secrets is never read."""
        found = self._transport.request("GET", f"{path}?{urlencode(selectors)}", None, _METADATA_ONLY)
        return list(found.get("items") or [])

    def create(self, path: str, body: Json) -> Json:
        """Create an object in a collection."""
        return self._transport.request("POST", path, body, "application/json")

    def delete(self, path: str, grace_seconds: int) -> None:
        """Delete an object; a missing object is no error."""
        try:
            self._transport.request("DELETE", f"{path}?gracePeriodSeconds={grace_seconds}", None, "application/json")
        except ApiError as error:
            if error.status != 404:
                raise

    def execute(
        self, namespace: str, pod: str, container: str, command: list[str], seconds: float = 30
    ) -> tuple[int, str]:
        """Run a command in a container; return its exit code and the output of both streams.

        Raises:
            ApiError: the kubelet does not run it, or it exceeds the time limit.

        """
        return self._transport.execute(namespace, pod, container, command, seconds)

    def _ask(self, path: str) -> Json | None:
        try:
            return self._transport.request("GET", path, None, "application/json")
        except ApiError as error:
            if error.status == 404:
                return None
            raise


class KubernetesClient:
    """A transport with Kubernetes' own client. It is thread-safe."""

    def __init__(self, settings: Any) -> None:
        settings.connection_pool_maxsize = _CONNECTIONS
        settings.retries = False
        self._settings = settings
        self._api: Any = cast(Any, client).ApiClient(settings)

    @classmethod
    def of_file(cls, kubeconfig: str | None, context: str | None) -> "KubernetesClient":
        """Return a client for a kubeconfig file, by default kubectl's."""
        settings: Any = cast(Any, client).Configuration()
        try:
            config.load_kube_config(config_file=kubeconfig, context=context, client_configuration=settings)
        except (config.ConfigException, OSError) as error:
            raise VerifyError(f"The kubeconfig {kubeconfig or 'of this machine'} is invalid: {error}") from error
        return cls(settings)

    @classmethod
    def of_content(cls, kubeconfig: Mapping[str, Any], context: str | None) -> "KubernetesClient":
        """Return a client for the content of a kubeconfig."""
        settings: Any = cast(Any, client).Configuration()
        try:
            cast(Any, config).load_kube_config_from_dict(
                dict(kubeconfig), context=context, client_configuration=settings, persist_config=False
            )
        except config.ConfigException as error:
            raise VerifyError(f"The cluster's kubeconfig is invalid: {error}") from error
        return cls(settings)

    @property
    def server(self) -> str:
        """Return the API server's address."""
        return str(self._settings.host)

    def request(self, method: str, path: str, body: Json | None, accept: str) -> Json:
        """Send one request."""
        headers = {"Accept": accept, **({"Content-Type": "application/json"} if body is not None else {})}
        try:
            prepared = self._api.param_serialize(
                method, path, header_params=headers, body=body, auth_settings=["BearerToken"]
            )
            answer = self._api.call_api(*prepared, _request_timeout=_REQUEST_SECONDS)
            status, data = int(answer.status), bytes(answer.read() or b"")
        except cast(Any, client).ApiException as error:
            status, data = int(error.status or 0), str(error.body or error.reason).encode()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise UnreachableError(f"The API server {self.server} cannot be reached: {_reason(error)}") from error
        if status == 401:
            raise UnreachableError(
                f"The API server {self.server} rejects these credentials (401): get new ones "
                "(az aks get-credentials --resource-group GROUP --name CLUSTER), or use others with --kubeconfig"
            )
        if status >= 400 or status == 0:
            raise ApiError(status, _message(data, status))
        return json.loads(data or b"{}")

    def execute(self, namespace: str, pod: str, container: str, command: list[str], seconds: float) -> tuple[int, str]:
        """Run a command in a container; return its exit code and output."""
        kubernetes: Any = client
        # A separate client: `stream` changes how its client sends requests during the call.
        with kubernetes.ApiClient(self._settings) as connection:
            try:
                session: Any = stream(
                    kubernetes.CoreV1Api(connection).connect_get_namespaced_pod_exec,
                    pod,
                    namespace,
                    container=container,
                    command=command,
                    stdout=True,
                    stderr=True,
                    _preload_content=False,
                )
                session.run_forever(timeout=seconds)
                if session.is_open():
                    session.close()
                    raise ApiError(504, f"`{' '.join(command)}` did not end within {seconds:g} s")
                printed = f"{session.read_stdout(timeout=0)}{session.read_stderr(timeout=0)}"
                return int(session.returncode), printed
            except kubernetes.ApiException as error:
                raise ApiError(int(error.status or 0), f"exec: {error.reason}") from error
            except (websocket.WebSocketException, OSError, KeyError, ValueError, TypeError) as error:
                raise ApiError(0, f"exec: {error}") from error


def _message(data: bytes, status: int) -> str:
    try:
        return str(json.loads(data)["message"])
    except (ValueError, KeyError, TypeError):
        return data.decode(errors="replace") or f"HTTP status {status}"


def _reason(error: Exception) -> str:
    """Return the system's message, the last part of a chain of wrapped errors."""
    inner: Any = getattr(error, "reason", None) or error
    return str(inner).rpartition(": ")[2] or type(inner).__name__
