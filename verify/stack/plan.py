"""The parts that a stack's configuration asks for, with the names and ids that the program gives them.

The program checks the configuration, and needs packages that verify does not; a test compares the names of both.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from verify.errors import VerifyError
from verify.stack.state import State

_PROJECT: Final = "anf-smb"
_WINDOWS_TAINT: Final = {
    "key": "node.kubernetes.io/os",
    "operator": "Equal",
    "value": "windows",
    "effect": "NoSchedule",
}


@dataclass(frozen=True)
class Mounted:
    """A volume or a claim of the configuration."""

    name: str
    namespace: str
    claim: str
    pod: str | None
    pool: str
    existing: bool
    """The volume is not the stack's own."""


@dataclass(frozen=True)
class Pool:
    """A pool of the configuration."""

    name: str
    id: str
    storage_class: str
    """Empty: it has no backend."""
    existing: bool


@dataclass(frozen=True)
class Plan:
    """The configuration of a stack, read as the program reads it."""

    stack: str
    keys: Mapping[str, Any]
    """The values by key, `anf-smb:pools`; without secrets."""
    state: State

    @classmethod
    def parse(cls, stack: str, configuration: Mapping[str, Mapping[str, Any]], state: State) -> "Plan":
        """Return the plan from a configuration as `pulumi config --json` prints it.

        Raises:
            VerifyError: it is not the configuration of this program.

        """
        keys = {key: _value(each) for key, each in configuration.items() if "value" in each}
        needed = [f"{_PROJECT}:{key}" for key in ("resourceGroup", "account", "pools", "network", "cluster")]
        if missing := [key for key in needed if not keys.get(key)]:
            raise VerifyError(
                f"The last update of stack '{stack}' did not end, and its configuration has no {', '.join(missing)}. "
                "Run verify in the project's folder, or name it: --cwd FOLDER"
            )
        return cls(stack, keys, state)

    def get(self, key: str) -> Any:
        """Return the value of a key of the program; None without one."""
        return self.keys.get(f"{_PROJECT}:{key}")

    def section(self, key: str) -> Mapping[str, Any]:
        """Return a section; an empty one without it."""
        return self.get(key) or {}

    @cached_property
    def subscription(self) -> str:
        """Return the stack's subscription.

        Raises:
            VerifyError: neither state, configuration nor environment names one.

        """
        ids = (each.id.split("/") for each in self.state.resources if each.id.startswith("/subscriptions/"))
        known = self.keys.get("azure-native:subscriptionId") or os.environ.get("ARM_SUBSCRIPTION_ID")
        if found := known or next((parts[2] for parts in ids), ""):
            return str(found)
        raise VerifyError(
            f"Stack '{self.stack}' has nothing in Azure yet, and no subscription: set azure-native:subscriptionId"
        )

    @property
    def group_id(self) -> str:
        """Return the id of the resource group."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.section('resourceGroup')['name']}"

    @property
    def account_id(self) -> str:
        """Return the id of the account."""
        return f"{self.group_id}/providers/Microsoft.NetApp/netAppAccounts/{self.section('account')['name']}"

    @property
    def subnet_id(self) -> str:
        """Return the id of the delegated subnet."""
        network = self.section("network")
        own = f"{self.group_id}/providers/Microsoft.Network/virtualNetworks/{network.get('virtualNetwork')}"
        return network.get("subnetId") or f"{network.get('virtualNetworkId') or own}/subnets/{network.get('subnet')}"

    @cached_property
    def pools(self) -> Sequence[Pool]:
        """Return the pools; the first is the default."""
        return [
            Pool(
                each["name"],
                f"{self.account_id}/capacityPools/{each['name']}",
                self._storage_class(each, is_first=not index) if self.has_backends else "",
                bool(each.get("existing")),
            )
            for index, each in enumerate(self.get("pools"))
        ]

    @property
    def volumes(self) -> Sequence[Mounted]:
        """Return the volumes of the static way."""
        return self._mounted("volumes", "smb-static", {pool.name: pool.name for pool in self.pools}, "pool")

    @property
    def claims(self) -> Sequence[Mounted]:
        """Return the claims of the dynamic way."""
        by_class = {pool.storage_class: pool.name for pool in self.pools}
        return self._mounted("dynamicClaims", "smb-dynamic", by_class, "storageClass")

    @property
    def installs_smb_driver(self) -> bool:
        """Return whether the stack installs csi-driver-smb."""
        enabled = self.section("smbDriver").get("enabled")
        return bool(self.get("volumes")) if enabled is None else enabled

    @property
    def installs_trident(self) -> bool:
        """Return whether the stack installs Trident."""
        enabled = self.section("trident").get("enabled")
        return self._uses_trident if enabled is None else enabled

    @property
    def has_backends(self) -> bool:
        """Return whether the stack has backends in Trident."""
        return self._uses_trident and not self.section("trident").get("wipeout")

    @property
    def secret(self) -> str:
        """Return the name of the Secret of the mounts in each of their namespaces."""
        return self.section("smbUser").get("secretName") or "smbcreds"

    @property
    def credentials_namespace(self) -> str:
        """Return the namespace of the Secret of the dynamic way."""
        return self.section("trident").get("credentialsNamespace") or "smb-dynamic"

    @property
    def trident_namespace(self) -> str:
        """Return the namespace of Trident."""
        return self.section("trident").get("namespace") or "trident"

    @property
    def windows_pods(self) -> Mapping[str, Any]:
        """Return what Windows Pods need in the cluster, in the form of the output windowsPods; empty without needs."""
        needs = self.section("windowsPods")
        if not needs:
            return {}
        secrets = [{"name": name} for name in needs.get("imagePullSecrets") or []]
        return {
            "nodeSelector": {"kubernetes.io/os": "windows", **(needs.get("nodeSelector") or {})},
            "tolerations": [_WINDOWS_TAINT, *(needs.get("tolerations") or [])],
            **({"imagePullSecrets": secrets} if secrets else {}),
            **({"image": needs["image"]} if "image" in needs else {}),
        }

    @property
    def _uses_trident(self) -> bool:
        of_pools = any(each.get("storageClass") for each in self.get("pools"))
        return bool(self.section("trident").get("enabled") or self.get("dynamicClaims") or of_pools)

    def _storage_class(self, pool: Mapping[str, Any], *, is_first: bool) -> str:
        """Return the StorageClass of a pool: the one of the state, else a new one's."""
        kept = self.state.component("TridentSmbBackend", pool["name"]).get("storageClassName")
        if not is_first or pool.get("storageClass"):
            return pool.get("storageClass") or ""
        in_names = re.sub(r"[^a-z0-9-]+", "-", self.stack.lower()).strip("-")
        own = f"-{in_names}" if self.section("trident").get("enabled") is False else ""
        return kept or f"anf-sc-smb{own}"

    def _mounted(self, key: str, namespace: str, pools: Mapping[str, str], pool_key: str) -> Sequence[Mounted]:
        """Return the entries of a list, each in the pool that a key of it names; the first Pod is iis-pod."""
        found: list[Mounted] = []
        for each in self.get(key) or []:
            claim = each.get("claim") or f"anf-pvc-{each['name']}"
            pod = None if self.get("sampleWorkload") is False else f"iis-pod-{claim}" if found else "iis-pod"
            place = each.get("namespace") or namespace
            pool = pools.get(each.get(pool_key) or "", self.pools[0].name)
            found.append(Mounted(each["name"], place, claim, pod, pool, bool(each.get("existing"))))
        return found


def _value(setting: Mapping[str, Any]) -> Any:
    """Return the value of a setting; other values than text are JSON."""
    try:
        return setting["objectValue"] if "objectValue" in setting else json.loads(setting["value"])
    except ValueError:
        return setting["value"]
