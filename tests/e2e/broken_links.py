"""Breaks of a stack's links, and the expected results of verify and diagnose.

The other troubles have unit tests (tests/unit/verify_breaks.py).
"""

from dataclasses import dataclass

from tests.e2e import other_projects
from tests.e2e.live_stack import CLAIM, DYNAMIC_CLAIM, STATIC
from tests.e2e.stack_breaks import (
    Break,
    account_locked,
    changed_secret,
    claim_recreated,
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
    changed_config,
    config_terminating,
    orchestrator_failed,
    roles_missing,
    trust_missing,
)


@dataclass(frozen=True)
class Case:
    """A break, its trouble, and the checks that fail."""

    name: str
    broken: Break
    trouble: str
    checks: tuple[str, ...]
    claim: str = CLAIM
    """The claim for diagnose."""


CASES = [
    Case("wrong token", wrong_source(lambda fqdn, _: rf"\\{fqdn}\other"), "source-other-share", ("share/smb/source",)),
    Case(
        "wrong password in the directory",
        wrong_directory_password,
        "logon-failed",
        (
            "share/smb/pod",
            "claim/smb-dynamic/pod",
        ),
        DYNAMIC_CLAIM,
    ),
    Case(
        "account locked",
        account_locked,
        "account-locked",
        ("share/smb/pod", "claim/smb-dynamic/pod"),
    ),
    Case("image of another Windows", image_of_another_windows, "image-other-windows", ("share/smb/pod",)),
    Case("FQDN not resolved", names_not_resolved, "fqdn-not-resolved", ("share/smb/pod",)),
    Case("Secret without domain", changed_secret(STATIC, domain=None), "secret-without-domain", ("share/smb/secret",)),
    Case(
        "driver's Pod gone from a node",
        driver_pod_gone_from_node,
        "driver-missing-on-node",
        ("smb-driver/node-windows",),
    ),
    Case("upgrade interrupted", upgrade_interrupted, "helm-release-pending", ("smb-driver/release",)),
    Case("nodes' peering deleted", nodes_unpeered, "peering-not-connected", ("anf/way-to-nodes",)),
    Case("PersistentVolume Released", claim_recreated, "pv-released", ("share/smb/claim",)),
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
    Case("nodes cordoned", nodes_cordoned, "node-cordoned", ("nodes/windows",)),
    Case("node not Ready", node_not_ready, "node-not-ready", ("nodes/windows",)),
    Case(
        "another pool in the backend",
        changed_config(capacityPools=["rg-anf-dev/anf-dev/other"]),
        "trident-no-pool",
        ("trident/backend-config",),
        DYNAMIC_CLAIM,
    ),
    Case("Trident's roles missing", roles_missing, "trident-roles", ("trident/backend-config",), DYNAMIC_CLAIM),
    Case("Trident not trusted", trust_missing, "trident-login", ("trident/backend-config",), DYNAMIC_CLAIM),
    Case(
        "backend config Terminating", config_terminating, "finalizers-stuck", ("trident/backend-config",), DYNAMIC_CLAIM
    ),
    Case(
        "orchestrator failed",
        orchestrator_failed,
        "orchestrator-not-installed",
        ("trident/orchestrator",),
        DYNAMIC_CLAIM,
    ),
]
