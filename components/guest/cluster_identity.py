"""The identity of a cluster: that of its API server, by whatever name a stack file reaches it."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import pulumi
import yaml

from components import rules
from components.support.options import before_update

_SERVER: Final = "server"
_AUTHORITY: Final = "certificateAuthority"


def remembered_cluster(name: str, identity: pulumi.Input[Mapping[str, str]]) -> pulumi.Stash:
    """Return a resource that remembers the cluster of a provider, and refuses another one, already in the preview.

    `name` is the provider's. The provider waits for it, and does not depend on it: so `pulumi state delete` can let the
    state forget the one without the other.
    """

    def check(args: pulumi.ResourceHookArgs) -> None:
        old, new = ((inputs or {}).get("input") for inputs in (args.old_inputs, args.new_inputs))
        if isinstance(old, Mapping) and isinstance(new, Mapping) and is_other(old, new):
            raise rules.InvalidArgsError(_refusal(old, new, args.urn, name))

    return pulumi.Stash(
        f"{name}-identity",
        input=identity,
        opts=pulumi.ResourceOptions(
            hooks=pulumi.ResourceHookBinding(before_update=[before_update(f"{name}-identity", check)])
        ),
    )


def identity_of(kubeconfig: str | None, context: str | None) -> dict[str, str]:
    """Return the address of the API server and the hash of its CA; empty without such a context in the kubeconfig."""
    try:
        content: Any = yaml.safe_load(kubeconfig or "")
        chosen = named_part(content, "contexts", context or content["current-context"])
        cluster = named_part(content, "clusters", chosen["context"]["cluster"])["cluster"]
        found = {_SERVER: urlsplit(cluster["server"]).netloc.lower()}
        if authority := cluster.get("certificate-authority-data"):
            # Line ends differ between those who write a kubeconfig.
            lines = base64.b64decode(authority).split()
            found[_AUTHORITY] = f"sha256:{hashlib.sha256(b''.join(lines)).hexdigest()}"
    except (yaml.YAMLError, binascii.Error, LookupError, TypeError, AttributeError):
        return {}
    return found


def is_other(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return True for two clusters. One may renew its CA, and have several addresses, but not change both at once."""
    same = (old.get(part) == new.get(part) for part in (_SERVER, _AUTHORITY) if old.get(part))
    return bool(old and new) and not any(same)


def _refusal(old: Mapping[str, str], new: Mapping[str, str], urn: str, name: str) -> str:
    provider = f"{urn.rpartition('::')[0].rpartition('::')[0]}::pulumi:providers:kubernetes::{name}"
    return (
        f"{rules.argument('ClusterProvider', 'cluster')} names another cluster: its API server is {new[_SERVER]}. The "
        f"stack has its objects in the cluster of {old[_SERVER]}. Allowed: the same cluster, by any of its names. Fix: "
        f"name that cluster again; or move the stack: `pulumi destroy --ignore-protect --target '{provider}' --target "
        f"'{urn}' --target-dependents` removes it from there, without claims, PersistentVolumes and namespaces, and "
        "the next `pulumi up` creates everything here; or, if it is the same cluster with a new address and a new CA: "
        f"`pulumi state delete '{urn}'`. See docs/operate.md, Another cluster"
    )


def named_part(content: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    """Return the cluster, context or user of that name in a kubeconfig. Raise LookupError if there is none."""
    return {each["name"]: each for each in content[kind]}[name]
