"""The links of a stack, each broken in turn: what verify and diagnose must say of it."""

from dataclasses import dataclass

from tests.e2e.live_stack import CLAIM, DYNAMIC, DYNAMIC_CLAIM, STATIC, pod_path, secret_path
from tests.e2e.stack_breaks import (
    CSI_DRIVER,
    DAEMON_SET,
    WRONG,
    Break,
    changed_secret,
    claim_gone,
    claim_made_anew,
    deleted,
    driver_pod_gone_from_node,
    names_not_resolved,
    node_not_ready,
    nodes_cordoned,
    upgrade_interrupted,
    volume_deleted,
    volume_failed,
    volume_resized,
    wrong_directory_password,
    wrong_source,
)
from tests.e2e.trident_breaks import (
    changed_config,
    config_deleted,
    config_terminating,
    orchestrator_deleted,
    orchestrator_failed,
    roles_missing,
    storage_class_for_nfs,
    trust_missing,
)


@dataclass(frozen=True)
class Case:
    """One break, the trouble that it is, and the checks that fail of it."""

    name: str
    broken: Break
    trouble: str
    checks: tuple[str, ...]
    claim: str = CLAIM
    """The claim whose mount diagnose walks."""


CASES = [
    Case("wrong token", wrong_source(lambda fqdn, _: rf"\\{fqdn}\other"), "source-other-share", ("share/smb/source",)),
    Case(
        "trailing slash",
        wrong_source(lambda fqdn, token: f"//{fqdn}/{token}/"),
        "source-trailing-slash",
        ("share/smb/source",),
    ),
    Case(
        "unknown FQDN",
        wrong_source(lambda _, token: f"//anf-0000.contoso.com/{token}"),
        "source-other-server",
        ("share/smb/source",),
    ),
    Case("wrong password", changed_secret(STATIC, password=WRONG), "logon-failed", ("share/smb/pod",)),
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
    Case("FQDN not resolved", names_not_resolved, "fqdn-not-resolved", ("share/smb/pod",)),
    Case("Secret without domain", changed_secret(STATIC, domain=None), "secret-without-domain", ("share/smb/secret",)),
    Case(
        "user of AZURE",
        changed_secret(STATIC, domain=None, username="AZURE\\svc-web"),
        "secret-without-domain",
        ("share/smb/secret",),
    ),
    Case("Secret without password", changed_secret(STATIC, password=None), "secret-incomplete", ("share/smb/secret",)),
    Case("Secret gone", deleted(secret_path(STATIC), pod=STATIC), "secret-missing", ("share/smb/secret",)),
    Case(
        "driver's Pod gone from a node",
        driver_pod_gone_from_node,
        "driver-missing-on-node",
        ("smb-driver/node-windows",),
    ),
    Case("driver's DaemonSet gone", deleted(DAEMON_SET), "node-plugin-missing", ("smb-driver/node-windows",)),
    Case("CSIDriver gone", deleted(CSI_DRIVER), "csi-driver-object-missing", ("smb-driver/csidriver",)),
    Case("upgrade interrupted", upgrade_interrupted, "helm-release-pending", ("smb-driver/release",)),
    Case("claim gone", claim_gone, "claim-missing", ("share/smb/claim",)),
    Case("PersistentVolume Released", claim_made_anew, "pv-released", ("share/smb/claim",)),
    Case("Pod gone", deleted(pod_path(STATIC)), "pod-missing", ("share/smb/pod",)),
    Case("volume deleted in Azure", volume_deleted, "volume-missing", ("volume/smb",)),
    Case("volume failed", volume_failed, "volume-failed", ("volume/smb",)),
    Case("volume resized in Azure", volume_resized, "size-differs", ("share/smb/size",)),
    Case("nodes cordoned", nodes_cordoned, "node-cordoned", ("nodes/windows",)),
    Case("node not Ready", node_not_ready, "node-not-ready", ("nodes/windows",)),
    Case(
        "dynamic Secret without domain",
        changed_secret(DYNAMIC, username="svc-web"),
        "secret-not-joined",
        ("trident/secret",),
        DYNAMIC_CLAIM,
    ),
    Case(
        "StorageClass for NFS", storage_class_for_nfs, "storage-class-wrong", ("trident/storage-class",), DYNAMIC_CLAIM
    ),
    Case(
        "another pool in the backend",
        changed_config(capacityPools=["rg-anf-dev/anf-dev/other"]),
        "trident-no-pool",
        ("trident/backend-config",),
        DYNAMIC_CLAIM,
    ),
    Case(
        "backend's Secret gone",
        changed_config(credentials={"name": "nowhere"}),
        "trident-secret",
        ("trident/backend-config",),
        DYNAMIC_CLAIM,
    ),
    Case("Trident's roles missing", roles_missing, "trident-roles", ("trident/backend-config",), DYNAMIC_CLAIM),
    Case("Trident not trusted", trust_missing, "trident-login", ("trident/backend-config",), DYNAMIC_CLAIM),
    Case(
        "backend config deleted", config_deleted, "backend-config-missing", ("trident/backend-config",), DYNAMIC_CLAIM
    ),
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
    Case(
        "orchestrator deleted", orchestrator_deleted, "orchestrator-missing", ("trident/orchestrator",), DYNAMIC_CLAIM
    ),
]
