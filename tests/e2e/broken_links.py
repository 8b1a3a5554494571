"""Breaks of a stack's links, and the expected results of verify and diagnose.

The other troubles have unit tests (tests/unit/verify_breaks.py).
"""

from dataclasses import dataclass

from tests.e2e import other_projects
from tests.e2e.driver_breaks import driver_attaches, nodes_tainted
from tests.e2e.live_stack import CLAIM, DYNAMIC_CLAIM, STATIC
from tests.e2e.stack_breaks import (
    NEW_PASSWORD,
    Break,
    account_locked,
    changed_secret,
    claim_recreated,
    claim_terminating,
    driver_pod_gone_from_node,
    image_of_another_windows,
    names_not_resolved,
    node_not_ready,
    nodes_cordoned,
    nodes_unpeered,
    upgrade_interrupted,
    volume_failed,
    wrong_directory_password,
    wrong_source,
)
from tests.e2e.trident_breaks import (
    backend_deleted,
    changed_config,
    claims_volume_deleted,
    config_recreated,
    config_terminating,
    orchestrator_failed,
    orchestrator_missing,
    roles_missing,
    storage_class_wrong,
    trust_missing,
)

ALL = slice(None)


@dataclass(frozen=True)
class Case:
    """A break, its trouble, and the checks that fail."""

    name: str
    broken: Break
    trouble: str
    checks: tuple[str, ...]
    claim: str = CLAIM
    """The claim for diagnose."""
    fix: slice | None = None
    """Those of the printed commands that fix it; without it the break is ended by hand."""
    said: str = ""
    """The answer of a person to the commands."""


CASES = [
    Case(
        "wrong token",
        wrong_source(lambda fqdn, _: rf"\\{fqdn}\other"),
        "source-other-share",
        ("share/smb/source",),
        fix=ALL,
    ),
    Case(
        "wrong password in the directory",
        wrong_directory_password,
        "logon-failed",
        (
            "share/smb/pod",
            "claim/smb-dynamic/pod",
        ),
        DYNAMIC_CLAIM,
        ALL,
        NEW_PASSWORD,
    ),
    Case(
        "account locked",
        account_locked,
        "account-locked",
        ("share/smb/pod", "claim/smb-dynamic/pod"),
    ),
    Case("image of another Windows", image_of_another_windows, "image-other-windows", ("share/smb/pod",)),
    Case("FQDN not resolved", names_not_resolved, "fqdn-not-resolved", ("share/smb/pod",)),
    Case(
        "Secret without domain",
        changed_secret(STATIC, domain=None),
        "secret-without-domain",
        ("share/smb/secret",),
        fix=ALL,
    ),
    Case(
        "Secret without username",
        changed_secret(STATIC, username=None),
        "secret-incomplete",
        ("share/smb/secret",),
        fix=slice(1, None),
        said=f"username=svc-web\npassword={NEW_PASSWORD}\ndomain=CONTOSO\n",
    ),
    Case(
        "driver's Pod gone from a node",
        driver_pod_gone_from_node,
        "driver-missing-on-node",
        ("smb-driver/node-windows",),
    ),
    Case("upgrade interrupted", upgrade_interrupted, "helm-release-pending", ("smb-driver/release",), fix=slice(1)),
    Case("CSIDriver that attaches", driver_attaches, "csi-driver-object-wrong", ("smb-driver/csidriver",), fix=ALL),
    Case("nodes' peering deleted", nodes_unpeered, "peering-not-connected", ("anf/way-to-nodes",)),
    Case("claim Terminating", claim_terminating, "claim-terminating", ("share/smb/claim",), fix=ALL),
    Case("PersistentVolume Released", claim_recreated, "pv-released", ("share/smb/claim",), fix=ALL),
    Case(
        "volumeHandle of two shares",
        other_projects.handle_reused,
        "volume-handle-reused",
        ("smb-driver/volume-handles",),
    ),
    Case(
        "a second user on the node",
        other_projects.second_user,
        "another-user-on-node",
        ("nodes/smb-users",),
        other_projects.CLAIM,
    ),
    Case("volume failed", volume_failed, "volume-failed", ("volume/smb",)),
    Case("nodes cordoned", nodes_cordoned, "node-cordoned", ("nodes/windows",), fix=ALL),
    Case("nodes tainted", nodes_tainted, "node-tainted", ("share/smb/pod",), fix=ALL),
    Case("node not Ready", node_not_ready, "node-not-ready", ("nodes/windows",)),
    Case(
        "another pool in the backend",
        changed_config(capacityPools=["rg-anf-dev/anf-dev/other"]),
        "trident-no-pool",
        ("trident/backend-config",),
        DYNAMIC_CLAIM,
        ALL,
    ),
    Case("Trident's roles missing", roles_missing, "trident-roles", ("trident/backend-config",), DYNAMIC_CLAIM, ALL),
    Case("Trident not trusted", trust_missing, "trident-login", ("trident/backend-config",), DYNAMIC_CLAIM, slice(1)),
    Case(
        "backend config Terminating",
        config_terminating,
        "finalizers-stuck",
        ("trident/backend-config",),
        DYNAMIC_CLAIM,
        ALL,
    ),
    Case(
        "backend of an earlier config",
        config_recreated,
        "backend-of-another-config",
        ("trident/backend-config",),
        DYNAMIC_CLAIM,
        ALL,
    ),
    Case(
        "claim's volume deleted",
        claims_volume_deleted,
        "claim-volume-missing",
        ("claim/smb-dynamic/volume",),
        DYNAMIC_CLAIM,
        slice(1, None),
    ),
    Case(
        "StorageClass without growth",
        storage_class_wrong,
        "storage-class-wrong",
        ("trident/storage-class",),
        DYNAMIC_CLAIM,
        ALL,
    ),
    Case(
        "orchestrator missing",
        orchestrator_missing,
        "orchestrator-missing",
        ("trident/orchestrator",),
        DYNAMIC_CLAIM,
        ALL,
    ),
    Case(
        "orchestrator failed",
        orchestrator_failed,
        "orchestrator-not-installed",
        ("trident/orchestrator",),
        DYNAMIC_CLAIM,
    ),
    Case(
        "backend deleted",
        backend_deleted,
        "backend-config-lost",
        ("trident/backend-config",),
        DYNAMIC_CLAIM,
        ALL,
    ),
]
