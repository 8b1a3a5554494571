"""Kubernetes' own client as a transport: configuration, credentials, requests and exec."""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

import urllib3
import websocket
from kubernetes import client, config
from kubernetes.stream import stream

from verify.clients.cluster import ApiError, Json
from verify.errors import UnreachableError, VerifyError

_REQUEST_SECONDS: Final = (5, 15)
"""Timeouts to connect and to read."""
_CONNECTIONS: Final = 16


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
