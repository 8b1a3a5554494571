"""Rules of Trident, release by release: its versions and their abilities.

Sources: the tags of https://github.com/NetApp/trident (config/config.go, storage_drivers/azure/azure_anf.go,
cli/k8s_client/yaml_factory.go, helm/trident-operator) and NetApp's documentation, named at each rule.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from components.rules import SMALLEST_VOLUME_GIB, BreakingValue, one_of, text, whole

CHARTS: Final = "https://netapp.github.io/trident-helm-chart"
DOCUMENTATION: Final = "https://docs.netapp.com/us-en/trident/trident-use/anf.html"
UPGRADES: Final = "https://docs.netapp.com/us-en/trident/trident-managing-k8s/upgrade-trident.html"

WORKLOAD_IDENTITY: Final = "workloadIdentity"
MANAGED_IDENTITY: Final = "managedIdentity"
CLIENT_SECRET: Final = "clientSecret"  # noqa: S105 (the name of a way to authenticate)

VERSION = text(
    r"23\.(04|07|10)\.\d+|100\.(2[4-9]|[3-9]\d)(02|06|10)\.\d+",
    "23.04.0 to 23.10.x spelled so, and from 24.02 on as 100.YYMM.patch, such as 100.2606.0, as the charts are",
    CHARTS,
)
AUTHENTICATION = one_of((WORKLOAD_IDENTITY, MANAGED_IDENTITY, CLIENT_SECRET), DOCUMENTATION)
RECLAIM_POLICY = one_of(("Retain", "Delete"), "https://kubernetes.io/docs/concepts/storage/storage-classes/")
SMALLEST_CLAIM_GIB: Final = SMALLEST_VOLUME_GIB
CLAIM_SIZE_GIB = whole(SMALLEST_CLAIM_GIB, 100 * 1024, "GiB (Trident enlarges smaller claims)", DOCUMENTATION)

UPGRADE_WINDOW: Final = 4
_SAFE_STEP: Final = 3  # newer editions of the documentation count the installed release as one of the four
_CLOUD_IDENTITY_SINCE: Final = "24.02"
_WINDOWS_TOLERATIONS_SINCE: Final = "23.10"
_MANUAL_POOLS_SINCE: Final = "25.10"
_50_GIB_SINCE: Final = "24.10"
_OBLIVIATES_ORCHESTRATOR_SINCE: Final = "25.06"
_RELEASES_OF_2023: Final = ("23.04", "23.07", "23.10")

KUBERNETES: Final = {
    "23.04": ((1, 21), (1, 27)),
    "23.07": ((1, 22), (1, 27)),
    "23.10": ((1, 23), (1, 28)),
    "24.02": ((1, 23), (1, 29)),
    "24.06": ((1, 24), (1, 30)),
    "24.10": ((1, 25), (1, 31)),
    "25.02": ((1, 26), (1, 32)),
    "25.06": ((1, 27), (1, 33)),
    "25.10": ((1, 27), (1, 34)),
    "26.02": ((1, 27), (1, 35)),
    "26.06": ((1, 27), (1, 36)),
}
"""The oldest and the newest Kubernetes of each release (KubernetesVersionMin and KubernetesVersionMax)."""


DEFAULT_STORAGE_CLASS: Final = "anf-sc-smb"
LEAST_THROUGHPUT_MIBPS: Final = 4
"""The throughput of each volume in a pool of QoS type Manual, unless the backend says otherwise (maxThroughput)."""


class BackendNames(NamedTuple):
    """The names that go with a StorageClass."""

    backend: str
    """The backend's name in Trident, unique in the cluster."""
    config: str
    """The TridentBackendConfig's."""
    secret: str
    """That of the Secret with a client secret."""


class KubernetesMismatch(NamedTuple):
    """A cluster with a Kubernetes that a release of Trident does not support."""

    text: str
    nothing_newer: bool
    """The cluster is too new for the newest release known here, so that no other release helps."""


def release_of(version: str) -> str:
    """Return the release of a chart's version: 26.06 for 100.2606.0."""
    packed = re.fullmatch(r"100\.(\d\d)(\d\d)\.\d+", version)
    return f"{packed[1]}.{packed[2]}" if packed else version[:5]


def product_version(version: str) -> str:
    """Return the version as Trident reports it: v26.06.0 for 100.2606.0."""
    return f"v{release_of(version)}.{version.rsplit('.', 1)[-1]}"


def since(version: str, release: str) -> bool:
    """Return True for a chart's version of that release or of a later one."""
    return _number(release_of(version)) >= _number(release)


def has_cloud_identity(version: str) -> bool:
    """Return True if Trident can sign in without a client secret."""
    return since(version, _CLOUD_IDENTITY_SINCE)


def backend_names(storage_class: str) -> BackendNames:
    """Return the names that go with a StorageClass: the documented ones with anf-sc-smb, and others with any other."""
    backend = f"anf-{storage_class.removeprefix('anf-sc-')}"
    config = f"backend-tbc-{backend}"
    secret = "backend-tbc-anf-secret" if storage_class == DEFAULT_STORAGE_CLASS else f"{config}-secret"
    return BackendNames(backend, config, secret)


def takes_manual_pools(version: str) -> bool:
    """Return True if Trident creates volumes in pools of QoS type Manual, and so of service level Flexible."""
    return since(version, _MANUAL_POOLS_SINCE)


def tolerates_on_windows(version: str) -> bool:
    """Return True if the DaemonSet for Windows has tolerations: all, or those of tridentNodePluginTolerations."""
    return since(version, _WINDOWS_TOLERATIONS_SINCE)


def wipes_orchestrator_too(version: str) -> bool:
    """Return True if a wipeout of CRDs includes the orchestrator's own CRD by default."""
    return since(version, _OBLIVIATES_ORCHESTRATOR_SINCE)


def smallest_claim_gib(version: str) -> int:
    """Return the size of Trident's smallest volume: smaller claims get this size."""
    return SMALLEST_CLAIM_GIB if since(version, _50_GIB_SINCE) else 100


def breaking_values(values: Mapping[str, Any], authentication: str) -> Iterator[BreakingValue]:
    """Yield the values of the chart that break the volumes of Windows nodes, or the sign-in to Azure."""
    if values.get("windows", True) is not True:
        yield BreakingValue("windows", values["windows"], "true: only Windows nodes mount SMB volumes")
    if authentication != CLIENT_SECRET and values.get("cloudProvider", "Azure") != "Azure":
        yield BreakingValue(
            "cloudProvider", values["cloudProvider"], f"Azure, or nothing: authentication {authentication} needs it"
        )
    if "cloudIdentity" in values:
        yield BreakingValue("cloudIdentity", values["cloudIdentity"], "nothing: clientId names the identity")


def is_downgrade(installed: str, wanted: str) -> bool:
    """Return True for an older release, or an older patch of the same one; Trident has no way back (UPGRADES)."""
    return _order(wanted) < _order(installed)


def upgrade_path(installed: str, wanted: str) -> list[str]:
    """Return the releases of an upgrade, the wanted one last; that one alone for a direct upgrade (UPGRADES)."""
    start, end = _number(release_of(installed)), _number(release_of(wanted))
    if end - start <= UPGRADE_WINDOW:
        return [release_of(wanted)]
    return [_release(number) for number in range(start + _SAFE_STEP, end, _SAFE_STEP)] + [release_of(wanted)]


def kubernetes_mismatch(version: str, kubernetes: str) -> KubernetesMismatch | None:
    """Return the mismatch of a Trident and a Kubernetes such as 1.31.2; None for a release that is not known here."""
    found = re.match(r"v?(\d+)\.(\d+)", kubernetes)
    supported = KUBERNETES.get(release_of(version))
    if not found or not supported:
        return None
    cluster, (oldest, newest) = (int(found[1]), int(found[2])), supported
    if oldest <= cluster <= newest:
        return None
    return KubernetesMismatch(
        f"Trident {release_of(version)} supports Kubernetes {_minor(oldest)} to {_minor(newest)}; "
        f"the cluster's is {_minor(cluster)}",
        cluster > newest and release_of(version) == max(KUBERNETES),
    )


def _order(version: str) -> tuple[int, int]:
    return _number(release_of(version)), int(version.rsplit(".", 1)[-1])


def _minor(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _number(release: str) -> int:
    """Return the number of a release, from 23.04 on: four in 2023, then three a year, in February, June and October."""
    year, month = (int(part) for part in release.split("."))
    return _RELEASES_OF_2023.index(release) if year == 23 else 3 + (year - 24) * 3 + month // 4


def _release(number: int) -> str:
    if number < len(_RELEASES_OF_2023):
        return _RELEASES_OF_2023[number]
    years, third = divmod(number - 3, 3)
    return f"{24 + years}.{(2, 6, 10)[third]:02}"
