"""Rules of Kubernetes for Pods on Windows nodes: image, labels of nodes, taints and tolerations."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from components.rules import Rule, one_of, text, whole

TAINTS: Final = "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/"
LABELS: Final = "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"
IMAGES: Final = "https://kubernetes.io/docs/concepts/containers/images/"

OS_LABEL: Final = "kubernetes.io/os"
WINDOWS_TAINT: Final = {
    "key": "node.kubernetes.io/os",
    "operator": "Equal",
    "value": "windows",
    "effect": "NoSchedule",
}
"""The toleration of the usual taint of Windows nodes."""

_NAME: Final = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = r"(?=[^/]{1,253}/)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*/"
_HOST: Final = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]+)?/"
_PATH: Final = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"

LABEL_KEY: Final = text(
    f"({_DOMAIN})?{_NAME}",
    "1 to 63 letters, digits, -, _ or ., starting and ending with a letter or digit, after an optional DNS name and /",
    LABELS,
)
LABEL_VALUE: Final = text(
    f"({_NAME})?",
    "at most 63 letters, digits, -, _ or ., starting and ending with a letter or digit",
    LABELS,
)
WINDOWS_NODES: Rule[Mapping[str, str]] = Rule(
    f"labels of Windows nodes: {OS_LABEL} is windows, or left out",
    lambda labels: labels.get(OS_LABEL, "windows") == "windows",
    LABELS,
    {"properties": {OS_LABEL: {"const": "windows"}}, "additionalProperties": False},
)
IMAGE: Final = text(
    rf"({_HOST})?{_PATH}(/{_PATH})*(:[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(@sha256:[0-9a-f]{{64}})?",
    "an image such as contoso.azurecr.io/windows/servercore/iis:windowsservercore-ltsc2022, without https://",
    IMAGES,
)
OPERATOR: Final = one_of(("Equal", "Exists"), TAINTS)
EFFECT: Final = one_of(("NoSchedule", "PreferNoSchedule", "NoExecute"), TAINTS)
TOLERATION_SECONDS: Final = whole(0, 2**31 - 1, "seconds", TAINTS)


def refused_toleration(toleration: Mapping[str, Any]) -> str | None:
    """Return what is allowed if Kubernetes would refuse a toleration whose single values are valid."""
    exists = toleration.get("operator") == "Exists"
    if not toleration.get("key") and not exists:
        return "a toleration with a key, or operator Exists without a key, which tolerates every taint"
    if exists and toleration.get("value"):
        return "operator Exists without a value, or operator Equal"
    if toleration.get("toleration_seconds") is not None and toleration.get("effect") != "NoExecute":
        return "tolerationSeconds only with effect NoExecute"
    return None


def untolerated(taints: Iterable[Mapping[str, Any]], tolerations: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the taints that keep a Pod with these tolerations away, as `kubectl taint` writes them (TAINTS)."""
    tolerations = [*tolerations]
    return [
        f"{taint['key']}{f'={value}' if (value := taint.get('value')) else ''}:{taint['effect']}"
        for taint in taints
        if taint["effect"] != "PreferNoSchedule" and not any(_tolerates(each, taint) for each in tolerations)
    ]


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if toleration.get("key") and toleration["key"] != taint["key"]:
        return False
    if toleration.get("operator") == "Exists":
        return True
    return (toleration.get("value") or "") == (taint.get("value") or "")


def as_manifest(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part of a Pod as Kubernetes writes it: tolerationSeconds for toleration_seconds."""
    return {_camel(name): _as_manifest(value) for name, value in part.items()}


def _as_manifest(value: Any) -> Any:
    """Return a value; a mapping in another one has names of its own, such as labels."""
    if not isinstance(value, list):
        return value
    return [as_manifest(cast("Mapping[str, Any]", each)) for each in cast("list[Any]", value)]


def _camel(name: str) -> str:
    return re.sub(r"_(.)", lambda found: found[1].upper(), name)
