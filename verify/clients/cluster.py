"""The objects of a cluster as JSON, each read once in a run: alone, or with the list of its collection."""

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlencode

from verify.clients.once import Once

T = TypeVar("T")
Json = dict[str, Any]

_PAGE: Final = 500
"""Objects in one answer to a list, as kubectl asks for them (--chunk-size)."""
_EXPIRED: Final = 410
"""The status of a page whose predecessors are too old."""
_METADATA_ONLY: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


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
        self._read = Once()

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
        return self._read.get(path, lambda: self._ask(path), fresh=fresh)

    def member(self, collection: str, name: str) -> Json | None:
        """Return an object of a collection by its name, or None: of however many, the collection is listed once.

        A user who may not list the collection reads the object alone.
        """
        listed = self.once(f"{collection} by name", lambda: self._by_name(collection))
        return self.find(f"{collection}/{name}") if listed is None else listed.get(name)

    def select(self, path: str, *, fresh: bool = False, **selectors: str) -> list[Json]:
        """Return objects of a collection by `labelSelector` and `fieldSelector`; none if the kind is unknown."""
        query = f"?{urlencode(selectors)}" if selectors else ""
        return list(self._read.get(f"{path}{query}", lambda: self._list(path, selectors), fresh=fresh))

    def once(self, key: str, find: Callable[[], T]) -> T:
        """Return what `find` makes of objects of the cluster; it is called once for a key."""
        return self._read.get(key, find)

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

    def _by_name(self, collection: str) -> dict[str, Json] | None:
        """Return the objects of a collection by their names; None if the user may not list it."""
        try:
            return {str(each["metadata"]["name"]): each for each in self.select(collection)}
        except ApiError as error:
            if error.status == 403:
                return None
            raise

    def _list(self, path: str, selectors: dict[str, str]) -> list[Json]:
        """Return all objects of a collection, page by page."""
        found: list[Json] = []
        following: dict[str, str] = {"limit": str(_PAGE)}
        while True:
            try:
                page = self._ask(f"{path}?{urlencode(selectors | following)}") or {}
            except ApiError as error:
                if error.status != _EXPIRED or "continue" not in following:
                    raise
                found, following = [], {}  # all at once, as kubectl then does
                continue
            found += page.get("items") or []
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                return found
            following = {"limit": str(_PAGE), "continue": str(token)}

    def _ask(self, path: str) -> Json | None:
        try:
            return self._transport.request("GET", path, None, "application/json")
        except ApiError as error:
            if error.status == 404:
                return None
            raise
