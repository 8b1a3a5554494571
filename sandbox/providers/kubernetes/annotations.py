"""The annotations by which a program steers the plugin.

https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ and the provider's own documentation of
`pulumi.com/…` annotations.
"""

import contextlib
from collections.abc import Mapping
from typing import Any, Final

AUTONAMED: Final = "pulumi.com/autonamed"
DELETION_PROPAGATION: Final = "pulumi.com/deletionPropagationPolicy"
FIELD_MANAGER: Final = "pulumi.com/patchFieldManager"
HELM_HOOK: Final = "helm.sh/hook"
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
PATCH_FORCE: Final = "pulumi.com/patchForce"
REPLACE_UNREADY: Final = "pulumi.com/replaceUnready"
SKIP_AWAIT: Final = "pulumi.com/skipAwait"
TIMEOUT_SECONDS: Final = "pulumi.com/timeoutSeconds"
WAIT_FOR: Final = "pulumi.com/waitFor"


def annotation(value: Mapping[str, Any], key: str) -> str:
    """An object's annotation, empty where it has none or it is not known yet."""
    metadata = value.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    text = annotations.get(key) if isinstance(annotations, Mapping) else None
    return text if isinstance(text, str) else ""


def is_true(value: Mapping[str, Any], key: str) -> bool:
    """Whether an annotation says true, in this very spelling."""
    return annotation(value, key) == "true"


def time_limit(value: Mapping[str, Any], custom: float | None, default: float) -> float:
    """Seconds that an operation may take: the resource's custom timeout, its annotation, or the default."""
    if custom:
        return custom
    with contextlib.suppress(ValueError):
        return float(int(annotation(value, TIMEOUT_SECONDS)))
    return default


def deletion_propagation(value: Mapping[str, Any]) -> str:
    """What becomes of an object's dependents: by default the object goes after them."""
    policies = {"orphan": "Orphan", "background": "Background"}
    return policies.get(annotation(value, DELETION_PROPAGATION).lower(), "Foreground")
