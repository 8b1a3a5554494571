"""The Secret of the mount, which a StorageClass's parameters name: external-provisioner's checks of them.

Secrets for other uses (publishing, expanding, …) and templates in names (`${pvc.name}`) are not played.
Source: pkg/controller/controller.go in kubernetes-csi/external-provisioner (getSecretReference).
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from sandbox.kube.objects import Json

_PREFIX: Final = "csi.storage.k8s.io/"
_NAME: Final = f"{_PREFIX}node-stage-secret-name"
_NAMESPACE: Final = f"{_PREFIX}node-stage-secret-namespace"
_NOT_PLAYED: Final = re.compile(
    r"((provisioner|controller-publish|controller-expand|controller-modify|node-publish|node-expand)-)?"
    r"secret-(name|namespace)"
)
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_FAILED: Final = "failed to get name and namespace template from params: "


class ParameterError(Exception):
    """A StorageClass's parameters cannot be used; the text is external-provisioner's."""


def stage_secret(parameters: Mapping[str, str]) -> Json | None:
    """Return the reference to the Secret of the mount; None where the class names none.

    Raises:
        ParameterError: it is incomplete, or there is an unknown parameter in Kubernetes' own name space.

    """
    for parameter in parameters:
        _check(parameter)
    name, namespace = parameters.get(_NAME), parameters.get(_NAMESPACE)
    if name is None and namespace is None:
        return None
    if name is None or namespace is None:
        raise ParameterError(
            f"{_FAILED}either name and namespace for NodeStage secrets specified, Both must be specified"
        )
    if not name or not namespace:
        raise ParameterError(
            f"{_FAILED}NodeStage secrets specified in parameters but value of either namespace or name is empty"
        )
    for value, form, what in ((namespace, _LABEL, "namespace"), (name, _SUBDOMAIN, "secret")):
        if "${" in value:
            raise ParameterError(f"the sandbox's Trident does not play templates: {json.dumps(value)}")
        if not form.fullmatch(value):
            raise ParameterError(f"{json.dumps(value)} is not a valid {what} name")
    return {"name": name, "namespace": namespace}


def _check(parameter: str) -> None:
    rest = parameter.removeprefix(_PREFIX)
    if rest == parameter or parameter in {_NAME, _NAMESPACE} or rest == "fstype":
        return
    if _NOT_PLAYED.fullmatch(rest):
        raise ParameterError(f"the sandbox's Trident does not play the parameter {parameter}: leave it out")
    raise ParameterError(
        "failed to strip CSI Parameters of prefixed keys: "
        f'found unknown parameter key "{parameter}" with reserved namespace {_PREFIX}'
    )
