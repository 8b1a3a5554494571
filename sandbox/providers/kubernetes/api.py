"""The Kubernetes API for objects of any type: discovery, and the verbs on plain JSON."""

import json
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote, urlencode, urlsplit

import urllib3

from sandbox.providers.kubernetes.errors import ApiError, NoMatchError, UnreachableError
from sandbox.providers.kubernetes.kinds import GroupVersionKind

Json = dict[str, Any]

_CONNECT_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Mapped:
    """Where the API server keeps objects of one type."""

    prefix: str
    plural: str
    namespaced: bool

    def collection(self, namespace: str) -> str:
        """The path of all objects in a namespace, or of all if `namespace` is empty."""
        place = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        return f"{self.prefix}{place}/{self.plural}"

    def object(self, namespace: str, name: str) -> str:
        """The path of one object. Objects without a namespace are in `default`."""
        return f"{self.collection(namespace or 'default')}/{quote(name, safe='')}"


class Api:
    """One API server, for many threads at once. `client` is an ApiClient of the official library's."""

    def __init__(self, client: Any, timeout: float | None = None) -> None:
        self._client = client
        self._timeout = timeout or _ANSWER_SECONDS
        self._lock = threading.Lock()
        self._types: dict[str, dict[str, Mapped]] = {}

    @property
    def server(self) -> str:
        """The server's address."""
        return str(self._client.configuration.host)

    def probe(self) -> None:
        """Ask what any client asks first. Raises if the server does not answer or does not know us."""
        self.request("GET", "/apis")

    def mapped(self, kind: GroupVersionKind) -> Mapped:
        """Where objects of this type are. A type that was unknown a moment ago is asked for again."""
        with self._lock:
            known = self._types.get(kind.api_version, {}).get(kind.kind)
        if known:
            return known
        prefix = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"
        try:
            resources = self.request("GET", prefix).get("resources") or []
        except ApiError as error:
            if error.not_found:
                raise NoMatchError(kind.api_version, kind.kind) from None
            raise
        types = {
            entry["kind"]: Mapped(prefix, entry["name"], entry["namespaced"])
            for entry in resources
            if "/" not in entry["name"]
        }
        with self._lock:
            self._types[kind.api_version] = types
        if kind.kind not in types:
            raise NoMatchError(kind.api_version, kind.kind)
        return types[kind.kind]

    def forget_types(self) -> None:
        """Ask for types again: a CRD has come, changed or gone."""
        with self._lock:
            self._types.clear()

    def get(self, kind: GroupVersionKind, namespace: str, name: str) -> Json:
        """One object."""
        return self.request("GET", self.mapped(kind).object(namespace, name))

    def listed(self, kind: GroupVersionKind, namespace: str, selector: str = "") -> tuple[list[Json], str]:
        """All objects of a namespace that a field selector picks, and the resource version to watch from."""
        query = {"fieldSelector": selector} if selector else {}
        answer = self.request("GET", self.mapped(kind).collection(namespace), query)
        # The items of a list do not repeat their type.
        whole = {"apiVersion": kind.api_version, "kind": kind.kind}
        return [{**whole, **item} for item in answer.get("items") or []], answer["metadata"]["resourceVersion"]

    def create(self, kind: GroupVersionKind, body: Json, manager: str, dry_run: bool = False) -> Json:
        """Make an object; one that exists is an error."""
        query = {"fieldManager": manager, **_dry(dry_run)}
        return self.request("POST", self.mapped(kind).collection(_namespace(body) or "default"), query, body)

    def replace(self, kind: GroupVersionKind, body: Json, manager: str, dry_run: bool = False) -> Json:
        """Put a whole object in the place of the one with the resource version that `body` names."""
        query = {"fieldManager": manager, **_dry(dry_run)}
        return self.request("PUT", self._object(kind, body), query, body)

    def apply(self, kind: GroupVersionKind, body: Json, manager: str, force: bool, dry_run: bool = False) -> Json:
        """Server-side apply."""
        query = {"fieldManager": manager, "force": "true" if force else "false", **_dry(dry_run)}
        return self.request("PATCH", self._object(kind, body), query, body, "application/apply-patch+yaml")

    def patch(self, kind: GroupVersionKind, namespace: str, name: str, operations: Sequence[Json]) -> Json:
        """A JSON patch."""
        path = self.mapped(kind).object(namespace, name)
        return self.request("PATCH", path, {}, [*operations], "application/json-patch+json")

    def delete(self, kind: GroupVersionKind, namespace: str, name: str, propagation: str) -> None:
        """Ask for an object's deletion, which its finalizers may put off."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        self.request("DELETE", self.mapped(kind).object(namespace, name), {}, body)

    @contextmanager
    def watch(
        self, kind: GroupVersionKind, namespace: str, selector: str, version: str, seconds: int
    ) -> Generator["WatchStream"]:
        """Changes after a resource version, for at most `seconds`."""
        query = {"watch": "true", "resourceVersion": version, "timeoutSeconds": str(seconds)}
        if selector:
            query["fieldSelector"] = selector
        response = self._send(
            "GET", self.mapped(kind).collection(namespace), query, None, "", seconds + _ANSWER_SECONDS
        )
        try:
            if response.status != 200:
                raise _refusal(response)
            yield WatchStream(response)
        finally:
            response.close()

    def request(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Any = None, content_type: str = ""
    ) -> Json:
        """One request and its JSON answer."""
        response = self._send(method, path, query or {}, body, content_type, self._timeout)
        if not 200 <= response.status < 300:
            raise _refusal(response)
        return cast("Json", json.loads(response.data))

    def _object(self, kind: GroupVersionKind, body: Json) -> str:
        return self.mapped(kind).object(_namespace(body), body["metadata"]["name"])

    def _send(
        self, method: str, path: str, query: Mapping[str, str], body: Any, content_type: str, seconds: float
    ) -> urllib3.HTTPResponse:
        target = f"{path}?{urlencode(query)}" if query else path
        headers = {"Accept": "application/json", "Content-Type": content_type or "application/json"}
        arguments = self._client.param_serialize(
            method, target, header_params=headers, body=body, auth_settings=["BearerToken"]
        )
        try:
            answer = self._client.call_api(*arguments, _request_timeout=(_CONNECT_SECONDS, seconds))
        except urllib3.exceptions.HTTPError as error:
            address = f"{self.server}{urlsplit(path).path}"
            raise UnreachableError(f'{method.title()} "{address}": {_plainly(error)}') from None
        return cast("urllib3.HTTPResponse", answer.response)


class WatchStream:
    """The open answer of a watch: an iterable of events that another thread may end."""

    def __init__(self, response: urllib3.HTTPResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[Json]:
        rest = b""
        try:
            for chunk in self._response.stream(None, decode_content=True):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if line:
                        yield json.loads(line)
        except (urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError):
            # The server ended the watch, or `end` did: urllib3 says that in many ways.
            return

    def end(self) -> None:
        """Wake the thread that reads."""
        self._response.shutdown()


def _namespace(body: Json) -> str:
    return str(body["metadata"].get("namespace") or "")


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _refusal(response: urllib3.HTTPResponse) -> ApiError:
    try:
        status = json.loads(response.data)
    except ValueError:
        status = {}
    return ApiError(response.status, status if isinstance(status, dict) else {})


def _plainly(error: Exception) -> str:
    """An error of urllib3's without the objects it names."""
    text = str(error)
    return text.rsplit(">: ", 1)[-1] if ">: " in text else text.rsplit("): ", 1)[-1]
