"""Checks of Helm releases by the labels of Helm's Secrets; the content of these Secrets is never read."""

from typing import Final

from verify.clients.cluster import Cluster, Json
from verify.trouble import BrokenError, Trouble

PENDING: Final = Trouble(
    "helm-release-pending",
    "`another operation (install/upgrade/rollback) is in progress`; the release is `pending-…`",
    "an installation or upgrade was interrupted; Helm still treats it as in progress",
    "`helm {undo} {release} -n {namespace}`, then `pulumi up --refresh --stack {stack}`",
)
FAILED: Final = Trouble(
    "helm-release-failed",
    "`helm status` shows failed",
    "the last upgrade did not become ready and was not rolled back",
    "`helm history {release} -n {namespace}`, then `pulumi up --refresh --stack {stack}`",
)
MISSING: Final = Trouble(
    "helm-release-missing",
    "`helm list -A` does not show the stack's release",
    "the release was uninstalled",
    "`pulumi up --refresh --stack {stack}`",
)
TROUBLES: Final = (PENDING, FAILED, MISSING)


def helm_release(cluster: Cluster, name: str) -> str:
    """Check that the latest revision of a release is deployed."""
    secrets = revisions(cluster, name)
    if not secrets:
        raise BrokenError(MISSING, f"no release {name} in any namespace", release=name)
    latest = max(secrets, key=_revision)
    status, namespace = str(latest["metadata"]["labels"].get("status", "")), str(latest["metadata"]["namespace"])
    seen = f"revision {_revision(latest)} in {namespace} is {status}"
    if status == "deployed":
        return seen
    trouble = PENDING if status.startswith(("pending", "uninstalling")) else FAILED
    undo = "rollback" if status in {"pending-upgrade", "pending-rollback"} else "uninstall"
    raise BrokenError(trouble, seen, release=name, namespace=namespace, undo=undo)


def revisions(cluster: Cluster, name: str) -> list[Json]:
    """Return the metadata of Helm's Secrets of a release."""
    return cluster.list_metadata("/api/v1/secrets", labelSelector=f"owner=helm,name={name}")


def _revision(secret: Json) -> int:
    return int(secret["metadata"]["labels"].get("version", 0))
