"""Rules of csi-driver-smb's chart: the values that the shares need, and the upgrades that Kubernetes refuses.

Source: the charts in https://github.com/kubernetes-csi/csi-driver-smb/tree/master/charts.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from components.rules import BreakingValue

DRIVER: Final = "smb.csi.k8s.io"
"""The name of the driver, which every PersistentVolume of a share has."""
WINDOWS_TOLERATION: Final = {"key": "node.kubernetes.io/os", "operator": "Exists", "effect": "NoSchedule"}
"""The only toleration of the DaemonSet for Windows nodes by default (windows.tolerations), in every version."""
_INLINE_SINCE: Final = (1, 17)


def breaking_values(values: Mapping[str, Any]) -> Iterator[BreakingValue]:
    """Yield the values of the chart with which no Windows node mounts a share."""
    windows, driver = values.get("windows", {}), values.get("driver", {})
    if not isinstance(windows, Mapping):
        yield BreakingValue("windows", windows, "a mapping, with enabled: true")
    elif windows.get("enabled", True) is not True:
        yield BreakingValue("windows.enabled", windows["enabled"], "true: Windows nodes mount the shares")
    if isinstance(driver, Mapping) and driver.get("name", DRIVER) != DRIVER:
        yield BreakingValue("driver.name", driver["name"], f"{DRIVER}, which the PersistentVolumes name")


def lifecycle_modes(version: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the modes of the chart's CSIDriver: volumeLifecycleModes, which Kubernetes never changes."""
    feature = values.get("feature")
    inline = not isinstance(feature, Mapping) or bool(feature.get("enableInlineVolume", True))
    return ("Persistent", "Ephemeral") if inline and has_inline_volumes(version) else ("Persistent",)


def has_inline_volumes(version: str) -> bool:
    """Return True for a chart with the value feature.enableInlineVolume, true by default."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= _INLINE_SINCE
