"""The Kubernetes API in JSON, over the official client's configuration and transport.

Controllers here read and write a handful of fields of many kinds, kwok's among them: typed models would be one class
per kind.
"""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast  # the client's stubs leave its configuration and transport out

import urllib3
import websocket
from kubernetes import client, config
from kubernetes.client.rest import RESTClientObject
from kubernetes.stream import stream

from sandbox.kube.objects import Json

_TIMEOUT_SECONDS = 15
_CONNECTIONS = 16  # one per watch, and some for requests
_JSON = "application/json"
_MERGE = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_APPLY = "application/apply-patch+yaml"


class ApiError(Exception):
    """The API server refused a request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class NotFoundError(ApiError):
    """404."""


class ConflictError(ApiError):
    """409: it exists already, or was changed meanwhile."""


class ApiUnreachableError(Exception):
    """No answer from the API server: it is down, or restarting."""


class KubeApi:
    """Requests to one API server. Safe to use from several threads."""

    def __init__(self, kubeconfig: Path) -> None:
        settings: Any = cast(Any, client).Configuration()
        config.load_kube_config(config_file=str(kubeconfig), client_configuration=settings)
        settings.connection_pool_maxsize = _CONNECTIONS
        self._settings = settings
        self._host = str(settings.host)
        self._pool: urllib3.PoolManager = cast(Any, RESTClientObject)(settings).pool_manager

    def get(self, path: str) -> Json:
        """Return one object, or a list of them."""
        return self._request("GET", path)

    def find(self, path: str) -> Json | None:
        """Return one object; None where there is none."""
        try:
            return self.get(path)
        except NotFoundError:
            return None

    def create(self, path: str, body: Json) -> Json:
        return self._request("POST", path, body)

    def apply(self, path: str, body: Json, manager: str) -> Json:
        """Server-side apply; fields of other managers that we also set become ours."""
        return self._request("PATCH", f"{path}?fieldManager={manager}&force=true", body, _APPLY)

    def merge(self, path: str, body: Json) -> Json:
        return self._request("PATCH", path, body, _MERGE)

    def merge_strategic(self, path: str, body: Json) -> Json:
        """Strategic merge patch: lists with a merge key (conditions) are merged by it. Built-in kinds only."""
        return self._request("PATCH", path, body, _STRATEGIC)

    def delete(self, path: str) -> None:
        """Delete an object; a missing one is no error."""
        with suppress(NotFoundError):
            self._request("DELETE", path)

    def run_in_container(
        self, namespace: str, pod: str, container: str, command: list[str], seconds: int = _TIMEOUT_SECONDS
    ) -> str:
        """Return the output of a command in a container; nothing where the kubelet cannot run it within `seconds`."""
        kubernetes: Any = client
        with kubernetes.ApiClient(self._settings) as connection:
            try:
                return str(
                    stream(
                        kubernetes.CoreV1Api(connection).connect_get_namespaced_pod_exec,
                        pod,
                        namespace,
                        container=container,
                        command=command,
                        stdout=True,
                        _request_timeout=seconds,
                    )
                )
            except (kubernetes.ApiException, websocket.WebSocketException, OSError):
                return ""

    def watch(self, path: str, resource_version: str, seconds: int) -> Iterator[Json]:
        """Yield watch events of the collection `path` after `resource_version`, for at most `seconds`."""
        query = f"watch=true&allowWatchBookmarks=true&resourceVersion={resource_version}&timeoutSeconds={seconds}"
        response = self._send("GET", f"{path}?{query}", None, _JSON, seconds + _TIMEOUT_SECONDS, preload=False)
        try:
            if response.status != 200:
                raise _error(response.status, response.read())
            pending = b""
            for chunk in response.stream(65536, decode_content=True):
                *lines, pending = (pending + chunk).split(b"\n")
                yield from (json.loads(line) for line in lines if line)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ApiUnreachableError(str(error)) from error
        finally:
            response.close()

    def _request(self, method: str, path: str, body: Json | None = None, content_type: str = _JSON) -> Json:
        end = time.monotonic() + _TIMEOUT_SECONDS
        while True:
            response = self._send(method, path, body, content_type, _TIMEOUT_SECONDS, preload=True)
            if response.status < 400:
                return json.loads(response.data)
            # 429 is "not now": a type whose storage is being set up, or a busy server. Kubernetes' clients heed it so.
            pause = float(response.headers.get("Retry-After", 1))
            if response.status != 429 or time.monotonic() + pause > end:
                raise _error(response.status, response.data)
            time.sleep(pause)

    def _send(
        self, method: str, path: str, body: Json | None, content_type: str, seconds: float, *, preload: bool
    ) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(
                method,
                self._host + path,
                body=json.dumps(body) if body is not None else None,
                headers={"Accept": "application/json", "Content-Type": content_type},
                timeout=urllib3.Timeout(connect=_TIMEOUT_SECONDS, read=seconds),
                retries=False,
                preload_content=preload,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ApiUnreachableError(f"{method} {self._host}{path}: {error}") from error


def _error(status: int, data: bytes) -> ApiError:
    try:
        message = str(json.loads(data)["message"])
    except (ValueError, KeyError, TypeError):
        message = data.decode(errors="replace") or f"HTTP status {status}"
    kind = {404: NotFoundError, 409: ConflictError}.get(status, ApiError)
    return kind(status, message)
