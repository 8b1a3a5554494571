"""The outputs of a stack, the only input of the checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from verify.errors import VerifyError
from verify.stack.parts import ClusterReference, DynamicMount, StaticMount, Trident, Update


@dataclass(frozen=True)
class StackOutputs:
    """The outputs of a stack."""

    stack: str
    pool_id: str
    """The first pool."""
    pool_ids: Mapping[str, str]
    """Every pool by its name."""
    subnet_id: str
    cluster: ClusterReference
    volumes: tuple[StaticMount, ...]
    claims: tuple[DynamicMount, ...]
    smb_driver_version: str | None
    """The chart's version; None if the stack does not install it."""
    backends: tuple[Trident, ...]
    """Trident with each of the stack's backends; the first is that of the first pool."""
    windows_pods: dict[str, Any] = field(default_factory=dict[str, Any])
    """What Windows Pods need in the cluster; empty if the stack says nothing, or is of an earlier version."""
    update: Update | None = None
    """The last update, if it did not end: its parts are known from the stack's state and configuration."""

    @property
    def mounts(self) -> tuple[StaticMount | DynamicMount, ...]:
        """Return the mounts of both ways."""
        return (*self.volumes, *self.claims)

    @property
    def trident(self) -> Trident | None:
        """Return Trident with the first backend; None without Trident."""
        return next(iter(self.backends), None)

    def trident_of(self, storage_class: str) -> Trident | None:
        """Return Trident with the backend of a StorageClass, by default with the first."""
        return next((each for each in self.backends if each.storage_class == storage_class), self.trident)

    @classmethod
    def parse(cls, stack: str, outputs: Mapping[str, Any]) -> "StackOutputs":
        """Return the outputs from the output of `pulumi stack output --json`.

        Raises:
            VerifyError: an output is missing.

        """
        if not outputs:
            raise VerifyError(f"Stack '{stack}' has no outputs. Deploy it: pulumi up --stack {stack}")

        def need(name: str, within: Mapping[str, Any] = outputs, what: str = "") -> str:
            if name not in within:
                raise VerifyError(
                    f"Stack '{stack}' has no output '{what}{name}'. Update it with this version of the program: "
                    f"pulumi up --stack {stack}"
                )
            return str(within[name])

        need("cluster")
        need("pools")
        pools: Mapping[str, Mapping[str, Any]] = outputs["pools"]
        volumes: Mapping[str, Mapping[str, Any]] = outputs.get("volumes") or {}
        claims: Mapping[str, Mapping[str, Any]] = outputs.get("dynamicClaims") or {}
        return cls(
            stack=stack,
            pool_id=need("poolId"),
            pool_ids={name: need("poolId", one, f"pools.{name}.") for name, one in pools.items()},
            subnet_id=need("subnetId"),
            cluster=_cluster(outputs["cluster"]),
            volumes=tuple(
                StaticMount(
                    name=name,
                    namespace=need("namespace", one, f"volumes.{name}."),
                    claim=need("claimName", one, f"volumes.{name}."),
                    pod=one.get("podName"),
                    volume_id=need("volumeId", one, f"volumes.{name}."),
                    fqdn=need("smbServerFqdn", one, f"volumes.{name}."),
                    token=need("creationToken", one, f"volumes.{name}."),
                    unc_path=need("uncPath", one, f"volumes.{name}."),
                )
                for name, one in volumes.items()
            ),
            claims=tuple(
                DynamicMount(
                    name=name,
                    namespace=need("namespace", one, f"dynamicClaims.{name}."),
                    claim=need("claimName", one, f"dynamicClaims.{name}."),
                    pod=one.get("podName"),
                    storage_class=need("storageClassName", one, f"dynamicClaims.{name}."),
                )
                for name, one in claims.items()
            ),
            smb_driver_version=outputs.get("smbDriverVersion"),
            windows_pods=outputs.get("windowsPods") or {},
            backends=tuple(
                Trident(
                    namespace=need("tridentNamespace"),
                    version=outputs.get("tridentVersion"),
                    storage_class=need("storageClassName", one, f"pools.{name}."),
                    backend=need("tridentBackendName", one, f"pools.{name}."),
                    backend_config=need("tridentBackendConfigName", one, f"pools.{name}."),
                    pool=name,
                    pool_id=need("poolId", one, f"pools.{name}."),
                )
                # `pulumi stack output` sorts the map: the flat output says which pool is the first.
                for name, one in sorted(pools.items(), key=lambda item: item[1].get("poolId") != outputs.get("poolId"))
                if "storageClassName" in one
            ),
        )


def _cluster(given: Mapping[str, Any]) -> ClusterReference:
    aks: Mapping[str, str] = given.get("aks") or {}
    return ClusterReference(
        aks_group=aks.get("resourceGroup", ""),
        aks_name=aks.get("name", ""),
        aks_subscription=aks.get("subscriptionId", ""),
        stack=given.get("stack", ""),
        output=given.get("output") or "kubeconfig",
        kubeconfig=given.get("kubeconfig", ""),
        context=given.get("context", ""),
    )
