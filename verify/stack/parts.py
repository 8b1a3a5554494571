"""The parts of a stack: mounts, Trident, the cluster; and an update that created only some."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mount:
    """One claim, and the Pod that mounts it, if any."""

    namespace: str
    claim: str
    pod: str | None

    @property
    def where(self) -> tuple[str, str]:
        """Return the claim's namespace and name."""
        return self.namespace, self.claim

    @property
    def title(self) -> str:
        """Return a heading."""
        return f"{f'Pod {self.pod}, ' if self.pod else ''}claim {self.claim} in namespace {self.namespace}"


@dataclass(frozen=True)
class StaticMount(Mount):
    """A volume of the stack and its claim."""

    name: str
    volume_id: str
    fqdn: str
    token: str
    unc_path: str

    @property
    def prefix(self) -> str:
        """Return the beginning of the names of its checks."""
        return f"share/{self.name}"


@dataclass(frozen=True)
class DynamicMount(Mount):
    """A claim of the stack with a volume that Trident created."""

    name: str
    storage_class: str

    @property
    def prefix(self) -> str:
        """Return the beginning of the names of its checks."""
        return f"claim/{self.name}"


@dataclass(frozen=True)
class ClusterReference:
    """The stack's reference to its cluster: one of these."""

    aks_group: str = ""
    aks_name: str = ""
    aks_subscription: str = ""
    """Empty: that of the stack."""
    stack: str = ""
    output: str = ""
    kubeconfig: str = ""
    context: str = ""


@dataclass(frozen=True)
class Trident:
    """The stack's Trident, and its backend for a pool."""

    namespace: str
    version: str | None
    """The chart's version; None if the stack does not install it."""
    storage_class: str
    backend: str
    backend_config: str
    pool: str
    """The pool's name."""
    pool_id: str


@dataclass(frozen=True)
class Part:
    """Something that the stack's configuration asks for."""

    check: str
    """The name of its check: `share/smb/pod`."""
    title: str
    exists: bool


@dataclass(frozen=True)
class Update:
    """The last update of a stack, which did not end."""

    stack: str
    command: str
    """`pulumi up`."""
    end: str
    """`failed at Pod smb-static/iis-pod`."""
    following: Sequence[str]
    """The commands that continue it; after an interrupted one, the first asks what became of its resources."""
    parts: Sequence[Part]

    @property
    def missing(self) -> Sequence[Part]:
        """Return the parts that do not exist yet."""
        return [part for part in self.parts if not part.exists]

    @property
    def sentence(self) -> str:
        """Return the beginning of a report."""
        count = len(self.parts) - len(self.missing)
        exist = f"{count} of {len(self.parts)} parts exist"
        return f"The last `{self.command}` of stack {self.stack} {self.end}: {exist}; checking these."
