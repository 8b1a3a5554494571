"""The state of a stack, as `pulumi stack export` prints it: what exists, and what an update left unfinished."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key of every secret in a state (sdk/go/common/resource/sig in pulumi's sources)."""
_MASK: Final = "[secret]"
_STACK: Final = "pulumi:pulumi:Stack"
_OF_THE_ENGINE: Final = ("pulumi:", "anf-smb:")
"""Prefixes of types that are nothing in Azure or in the cluster: providers, stashes, components."""
_MOUNTED: Final = {"PersistentVolumeClaim": "claimName", "Pod": "podName"}


@dataclass(frozen=True)
class Resource:
    """A resource of the state."""

    type: str
    name: str
    id: str
    """An Azure resource id, or NAMESPACE/NAME in Kubernetes; empty for a component."""
    outputs: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Return the kind: Pod, Release, CapacityPoolVolume."""
        return self.type.rpartition(":")[2]

    @property
    def is_real(self) -> bool:
        """Return whether it is something in Azure or in the cluster."""
        return not self.type.startswith(_OF_THE_ENGINE)

    @property
    def title(self) -> str:
        """Return a name for people."""
        return f"{self.kind} {self.id.rpartition('/')[2] if self.id.startswith('/') else self.id or self.name}"

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Return a resource; one that is being created in Kubernetes has its id from its inputs."""
        inputs: Mapping[str, Any] = raw.get("inputs") or {}
        named: Mapping[str, Any] = inputs.get("metadata") or inputs
        place = [str(named[key]) for key in ("namespace", "name") if isinstance(named.get(key), str)]
        identity = str(raw.get("id") or "")
        if not identity and str(raw["type"]).startswith("kubernetes:"):
            identity = "/".join(place)
        name = str(raw["urn"]).rpartition("::")[2]
        return cls(str(raw["type"]), name, identity, _masked(raw.get("outputs") or {}))


@dataclass(frozen=True)
class State:
    """The state of a stack. Secrets are masked."""

    outputs: Mapping[str, Any]
    resources: Sequence[Resource]
    failed: Sequence[Resource]
    """The resources that exist and did not become ready."""
    pending: Sequence[Resource]
    """The resources that an interrupted update was creating; in the cluster they may exist."""
    was_interrupted: bool

    @classmethod
    def parse(cls, exported: Mapping[str, Any]) -> Self:
        """Return the state from the output of `pulumi stack export`."""
        deployment: Mapping[str, Any] = exported.get("deployment") or {}
        raws = [each for each in deployment.get("resources") or [] if not each.get("delete")]
        operations: Sequence[Mapping[str, Any]] = deployment.get("pending_operations") or []
        root: Mapping[str, Any] = next((each for each in raws if each["type"] == _STACK), {})
        return cls(
            outputs=_masked(root.get("outputs") or {}),
            resources=[Resource.of(each) for each in raws if not each.get("pendingReplacement")],
            failed=[Resource.of(each) for each in raws if each.get("initErrors")],
            pending=[Resource.of(each["resource"]) for each in operations if each.get("type") == "creating"],
            was_interrupted=bool(operations),
        )

    @property
    def is_empty(self) -> bool:
        """Return whether nothing exists in Azure and in the cluster."""
        return not any(each.is_real for each in (*self.resources, *self.pending))

    @property
    def is_complete(self) -> bool:
        """Return whether the outputs tell everything: no update has failed since, or been interrupted."""
        if not self.outputs or self.failed or self.was_interrupted:
            return False
        components = {"CapacityPool": "pools", "SmbVolume": "volumes", "DynamicShare": "dynamicClaims"}
        listed = {(kind, name) for kind, output in components.items() for name in self._map(output)}
        registered = {(each.kind, each.name) for each in self.resources if not each.is_real and each.kind in components}
        return registered <= listed and all(self.in_cluster(*each) for each in self._mounted())

    def component(self, kind: str, name: str) -> Mapping[str, Any]:
        """Return the outputs of a component; none if it has not ended, or does not exist."""
        return self._components.get((kind, name), {})

    def in_azure(self, resource_id: str) -> Resource | None:
        """Return a resource of Azure by its id, in any case."""
        return self._by_id.get(resource_id.lower())

    def in_cluster(self, kind: str, identity: str) -> Resource | None:
        """Return an object of the cluster by its kind and NAMESPACE/NAME; also one that was being created."""
        return self._real.get((kind, identity))

    @cached_property
    def _components(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        return _first(((each.kind, each.name), each.outputs) for each in self.resources if not each.is_real)

    @cached_property
    def _by_id(self) -> Mapping[str, Resource]:
        return _first((each.id.lower(), each) for each in self.resources)

    @cached_property
    def _real(self) -> Mapping[tuple[str, str], Resource]:
        return _first(((each.kind, each.id), each) for each in (*self.resources, *self.pending) if each.is_real)

    def _map(self, output: str) -> Mapping[str, Any]:
        value = self.outputs.get(output)
        return value if isinstance(value, Mapping) else {}

    def _mounted(self) -> Iterator[tuple[str, str]]:
        """Yield kind and id of every claim and Pod of the outputs."""
        for one in (*self._map("volumes").values(), *self._map("dynamicClaims").values()):
            for kind, key in _MOUNTED.items():
                if key in one:
                    yield kind, f"{one.get('namespace')}/{one[key]}"


def _first(pairs: Iterable[tuple[K, V]]) -> dict[K, V]:
    """Return a mapping in which the first value of a key counts."""
    found: dict[K, V] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def _masked(value: Any) -> Any:
    """Return a value without its secrets, which are ciphertext in an export."""
    if isinstance(value, Mapping):
        return _MASK if _SIGNATURE in value else {key: _masked(each) for key, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value
