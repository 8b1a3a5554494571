"""References to Secrets that a StorageClass's parameters ask for, as external-provisioner resolves them.

A name and a namespace per use, both templates: `${pv.name}`, `${pvc.namespace}`; in names also `${pvc.name}` and
`${pvc.annotations['KEY']}` (pkg/controller/controller.go in kubernetes-csi/external-provisioner, getSecretReference).
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from sandbox.kube.objects import Json, key

PREFIX: Final = "csi.storage.k8s.io/"

_USES: Final = {
    "controllerPublishSecretRef": ("ControllerPublish", "controller-publish-secret"),
    "nodeStageSecretRef": ("NodeStage", "node-stage-secret"),
    "nodePublishSecretRef": ("NodePublish", "node-publish-secret"),
    "controllerExpandSecretRef": ("ControllerExpand", "controller-expand-secret"),
    "nodeExpandSecretRef": ("NodeExpand", "node-expand-secret"),
}
"""By their fields in a PersistentVolume: what messages call them, and the parameters' stem."""
_PROVISIONER: Final = ("Provisioner", "provisioner-secret")
_DEFAULT: Final = ("Default", "secret")
_KNOWN: Final = frozenset(
    f"{PREFIX}{stem}-{part}"
    for _, stem in (*_USES.values(), _PROVISIONER, _DEFAULT, ("ControllerModify", "controller-modify-secret"))
    for part in ("name", "namespace")
) | {f"{PREFIX}fstype"}
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_TOKEN: Final = re.compile(r"\$\{([^}]*)\}")


class ParameterError(Exception):
    """A StorageClass's parameters cannot be used; the text is external-provisioner's."""


def check_reserved(parameters: Mapping[str, str]) -> None:
    """Refuse parameters in Kubernetes' own name space that it does not know.

    Raises:
        ParameterError: there is one.

    """
    for name in parameters:
        if name.startswith(PREFIX) and name not in _KNOWN:
            raise ParameterError(
                "failed to strip CSI Parameters of prefixed keys: "
                f'found unknown parameter key "{name}" with reserved namespace {PREFIX}'
            )


def volume_secrets(parameters: Mapping[str, str], pv_name: str, claim: Json) -> dict[str, Json]:
    """The references that a PersistentVolume carries, by their fields.

    Raises:
        ParameterError: one is incomplete or cannot be resolved.

    """
    found = {field: _reference(use, parameters, pv_name, claim) for field, use in _USES.items()}
    return {field: reference for field, reference in found.items() if reference}


def provisioner_secret(parameters: Mapping[str, str], pv_name: str, claim: Json) -> Json | None:
    """The Secret that is handed to CreateVolume and DeleteVolume.

    Raises:
        ParameterError: it is incomplete or cannot be resolved.

    """
    return _reference(_PROVISIONER, parameters, pv_name, claim)


def _reference(use: tuple[str, str], parameters: Mapping[str, str], pv_name: str, claim: Json) -> Json | None:
    templates = _templates(use, parameters, "") or _templates(_DEFAULT, parameters, "default ")
    if templates is None:
        return None
    name_template, namespace_template = templates
    namespace, name = key(claim)
    tokens = {"pv.name": pv_name, "pvc.namespace": namespace}
    resolved_namespace = _resolved(namespace_template, tokens, _LABEL, "namespace")
    annotations: Mapping[str, str] = claim["metadata"].get("annotations") or {}
    tokens |= {"pvc.name": name, **{f"pvc.annotations['{each}']": value for each, value in annotations.items()}}
    return {"name": _resolved(name_template, tokens, _SUBDOMAIN, "secret"), "namespace": resolved_namespace}


def _templates(use: tuple[str, str], parameters: Mapping[str, str], which: str) -> tuple[str, str] | None:
    """Templates of the name and of the namespace."""
    called, stem = use
    name, namespace = (parameters.get(f"{PREFIX}{stem}-{part}") for part in ("name", "namespace"))
    if name is None and namespace is None:
        return None
    failed = f"failed to get {which}name and namespace template from params: "
    if name is None or namespace is None:
        raise ParameterError(
            f"{failed}either name and namespace for {called} secrets specified, Both must be specified"
        )
    if not name or not namespace:
        raise ParameterError(
            f"{failed}{called} secrets specified in parameters but value of either namespace or name is empty"
        )
    return name, namespace


def _resolved(template: str, tokens: Mapping[str, str], form: re.Pattern[str], what: str) -> str:
    missing = sorted({token for token in _TOKEN.findall(template) if token not in tokens})
    if missing:
        listed = " ".join(json.dumps(token) for token in missing)
        raise ParameterError(f"error resolving value {json.dumps(template)}: invalid tokens: [{listed}]")
    value = _TOKEN.sub(lambda match: tokens[match[1]], template)
    if not form.fullmatch(value):
        shown = json.dumps(value) if value == template else f"{json.dumps(template)} resolved to {json.dumps(value)}"
        which = "" if value == template else "which "
        raise ParameterError(f"{shown} {which}is not a valid {what} name")
    return value
