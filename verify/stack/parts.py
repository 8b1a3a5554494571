"""The parts of a stack: its mounts, its Trident and its reference to a cluster."""

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


@dataclass(frozen=True)
class DynamicMount(Mount):
    """A claim of the stack with a volume that Trident created."""

    name: str
    storage_class: str


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
