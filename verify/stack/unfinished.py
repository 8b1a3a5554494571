"""A stack whose last update did not end: its parts by the configuration, and which of them the state has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from verify.stack.parts import Part
from verify.stack.plan import Mounted, Plan, Pool
from verify.stack.state import Resource, State

_SHARE: Final = ("smbServerFqdn", "creationToken", "uncPath")


@dataclass
class Unfinished:
    """Collects the parts, and outputs in the form of a finished stack's, as far as they are known."""

    plan: Plan
    state: State
    parts: list[Part] = field(default_factory=list[Part])
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        plan = self.plan
        first = plan.pools[0]
        self.outputs = {
            "poolId": self._in_azure(first.id),
            "subnetId": self._in_azure(plan.subnet_id),
            "cluster": plan.section("cluster"),
            "tridentNamespace": plan.trident_namespace,
            "windowsPods": plan.windows_pods,
        }
        if pods := plan.section("windowsPods"):
            secrets = [{"name": name} for name in pods.get("imagePullSecrets") or ()]
            self.outputs["windowsPods"] = {**pods, "imagePullSecrets": secrets}
        self._smb_driver()
        self.outputs["pools"] = {pool.name: self._pool(pool) for pool in plan.pools}
        self._azure("anf/account", "account", plan.account_id, existing=plan.section("account").get("existing"))
        self._azure("anf/subnet", "subnet", plan.subnet_id, existing=plan.section("network").get("subnetId"))
        self.outputs["volumes"] = {each.name: self._volume(each) for each in plan.volumes}
        self._trident()
        self.outputs["dynamicClaims"] = {each.name: self._claim(each) for each in plan.claims}

    def _smb_driver(self) -> None:
        if self.plan.installs_smb_driver:
            version = self.plan.section("smbDriver").get("version")
            self.outputs["smbDriverVersion"] = self._release("smb-driver", "csi-driver-smb") or version

    def _pool(self, pool: Pool) -> dict[str, Any]:
        check = "anf/pool" if pool == self.plan.pools[0] else f"anf/pool/{pool.name}"
        self._azure(check, "capacity pool", pool.id, existing=pool.existing)
        found = {"poolId": self._in_azure(pool.id)}
        if not pool.storage_class:
            return found
        backend = f"anf-{pool.storage_class.removeprefix('anf-sc-')}"
        return found | {
            "storageClassName": pool.storage_class,
            "tridentBackendName": backend,
            "tridentBackendConfigName": f"backend-tbc-{backend}",
        }

    def _volume(self, volume: Mounted) -> dict[str, Any]:
        """Return the outputs of a volume; those that Azure gives are empty before it exists."""
        pool_id = next((pool.id for pool in self.plan.pools if pool.name == volume.pool), "")
        expected, share = f"{pool_id}/volumes/{volume.name}", f"share/{volume.name}"
        made = self.state.in_azure(expected)
        known = {**_served(made), **self.state.component("SmbVolume", volume.name)}
        self._part(f"volume/{volume.name}", f"volume {volume.name}", exists=all(known.get(key) for key in _SHARE))
        self._object(f"{share}/claim", "PersistentVolumeClaim", volume.namespace, volume.claim)
        self._object(f"{share}/secret", "Secret", volume.namespace, self.plan.secret)
        return {
            **{key: known.get(key) or "" for key in _SHARE},
            "volumeId": made.id if made else known.get("volumeId") or expected,
            **self._mount(share, volume),
        }

    def _claim(self, claim: Mounted) -> dict[str, Any]:
        prefix = f"claim/{claim.name}"
        self._object(f"{prefix}/claim", "PersistentVolumeClaim", claim.namespace, claim.claim)
        classes = {pool.name: pool.storage_class for pool in self.plan.pools}
        return {"storageClassName": classes.get(claim.pool, ""), **self._mount(prefix, claim)}

    def _mount(self, prefix: str, mounted: Mounted) -> dict[str, Any]:
        found = {"namespace": mounted.namespace, "claimName": mounted.claim}
        if not mounted.pod:
            return found
        self._object(f"{prefix}/pod", "Pod", mounted.namespace, mounted.pod)
        return {**found, "podName": mounted.pod}

    def _trident(self) -> None:
        plan = self.plan
        if plan.installs_trident:
            version = plan.section("trident").get("version")
            self.outputs["tridentVersion"] = self._release("trident", "trident") or version
            self._object("trident/orchestrator", "TridentOrchestratorPatch", "", "trident")
        for index, pool in enumerate(each for each in plan.pools if each.storage_class):
            prefix = f"trident/{pool.name}" if index else "trident"
            config = self.outputs["pools"][pool.name]["tridentBackendConfigName"]
            self._object(f"{prefix}/backend-config", "TridentBackendConfig", plan.trident_namespace, config)
            self._object(f"{prefix}/storage-class", "StorageClass", "", pool.storage_class)
            self._object(f"{prefix}/secret", "Secret", plan.credentials_namespace, plan.secret)

    def _release(self, prefix: str, name: str) -> str | None:
        """Return the version of a Helm release in the state."""
        releases = [each for each in (*self.state.resources, *self.state.pending) if each.kind == "Release"]
        found = next((each for each in releases if each.id.rpartition("/")[2] == name), None)
        self._part(f"{prefix}/release", f"Helm release {name}", exists=found is not None)
        return found.outputs.get("version") if found else None

    def _object(self, check: str, kind: str, namespace: str, name: str) -> None:
        identity = f"{namespace}/{name}" if namespace else name
        found = self.state.in_cluster(kind, identity)
        self._part(check, f"{kind.removesuffix('Patch')} {identity}", exists=found is not None)

    def _azure(self, check: str, what: str, resource_id: str, *, existing: object) -> None:
        title = f"{what} {resource_id.rpartition('/')[2]}"
        self._part(check, title, exists=bool(existing or self.state.in_azure(resource_id)))

    def _part(self, check: str, title: str, *, exists: bool) -> None:
        self.parts.append(Part(check, title, exists))

    def _in_azure(self, expected: str) -> str:
        """Return an id as Azure writes it."""
        found = self.state.in_azure(expected)
        return found.id if found else expected


def _served(volume: Resource | None) -> dict[str, str]:
    """Return the share of a volume in Azure that has its server."""
    outputs: Mapping[str, Any] = volume.outputs if volume else {}
    server = next((str(each.get("smbServerFqdn") or "") for each in outputs.get("mountTargets") or []), "")
    token = str(outputs.get("creationToken") or "")
    return {"smbServerFqdn": server, "creationToken": token, "uncPath": rf"\\{server}\{token}"} if server else {}
