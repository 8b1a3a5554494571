"""What an orchestrator's spec asks the operator to install, checked as the operator checks it.

Sources: setInstallationParams and the prechecks in operator/controllers/orchestrator/installer/installer.go.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from sandbox.kube.objects import Json, uid
from sandbox.trident.operator.releases import release

AZURE_IDENTITY_KEY: Final = "azure.workload.identity/client-id"
_CLOUDS: Final = {
    "azure": AZURE_IDENTITY_KEY,
    "aws": "eks.amazonaws.com/role-arn",
    "gcp": "iam.gke.io/gcp-service-account",
}
_TAG: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class InstallationError(Exception):
    """Why the operator does not install; the text follows "Failed to install Trident; err: "."""


@dataclass(frozen=True)
class Plan:
    """One installation."""

    orchestrator: Json
    namespace: str
    version: str
    """`26.06.0`."""
    image: str
    windows: bool
    workload_identity: str
    """The annotation of the controller's ServiceAccount, `key: value`; empty: none."""
    managed_identity: bool
    """The controller reads the node's /etc/kubernetes/azure.json."""
    controller_node_selector: dict[str, str]
    controller_tolerations: list[Json] | None
    node_node_selector: dict[str, str]
    node_tolerations: list[Json] | None
    fs_group_policy: str
    pull_policy: str
    pull_secrets: list[str]

    @property
    def release(self) -> tuple[int, int]:
        """(26, 6)."""
        return release(self.version)

    @property
    def version_label(self) -> str:
        """As in labels and in the orchestrator's status."""
        return f"v{self.version}"

    @property
    def owner(self) -> Json:
        """With it garbage collection removes what was installed when the orchestrator goes."""
        return {
            "apiVersion": self.orchestrator["apiVersion"],
            "kind": self.orchestrator["kind"],
            "name": self.orchestrator["metadata"]["name"],
            "uid": uid(self.orchestrator),
            "controller": True,
        }


def image_version(image: str) -> str | None:
    """`26.06.0` of an image's tag; None where the tag is no version."""
    found = _TAG.match(image.rpartition("@")[0].rpartition(":")[2] if "@" in image else image.rpartition(":")[2])
    return found[0] if found else None


def plan(orchestrator: Json, operator_version: str) -> Plan:
    """What is to be installed by an operator of that version.

    Raises:
        InstallationError: the spec is one that the operator refuses.

    """
    spec: Json = orchestrator.get("spec") or {}
    image = str(spec.get("tridentImage") or f"docker.io/netapp/trident:{operator_version}")
    version = _checked_version(image, operator_version)
    identity, managed = _cloud(spec, release(operator_version))
    _one_of(str(spec.get("logFormat") or "text"), ("text", "json"), "'{}' is not a valid log format")
    pull_policy = str(spec.get("imagePullPolicy") or "IfNotPresent")
    _one_of(pull_policy, ("IfNotPresent", "Always", "Never"), "'{}' is not a valid trident image pull policy format")
    policies = {"": "ReadWriteOnceWithFSType", "readwriteoncewithfstype": "ReadWriteOnceWithFSType"}
    policies |= {"none": "None", "file": "File"}
    wanted = str(spec.get("fsGroupPolicy") or "")
    if wanted.lower() not in policies:
        raise InstallationError(f"'{wanted}' is not a valid fsGroupPolicy")
    return Plan(
        orchestrator=orchestrator,
        namespace=str(spec.get("namespace") or "default"),
        version=version,
        image=image,
        windows=bool(spec.get("windows")),
        workload_identity=identity,
        managed_identity=managed,
        controller_node_selector=dict(spec.get("controllerPluginNodeSelector") or {}),
        controller_tolerations=_tolerations(spec.get("controllerPluginTolerations")),
        node_node_selector=dict(spec.get("nodePluginNodeSelector") or {}),
        node_tolerations=_tolerations(spec.get("nodePluginTolerations")),
        fs_group_policy=policies[wanted.lower()],
        pull_policy=pull_policy,
        pull_secrets=[str(name) for name in spec.get("imagePullSecrets") or []],
    )


def _checked_version(image: str, operator_version: str) -> str:
    """An operator installs the Trident of its own month."""
    version = image_version(image) or operator_version
    if release(version) != release(operator_version):
        raise InstallationError(
            f"unsupported Trident image version '{version}', supported Trident version is '{operator_version}'"
        )
    return version


def _cloud(spec: Json, operator_release: tuple[int, int]) -> tuple[str, bool]:
    """The identity's annotation, and whether the node's own identity is used."""
    provider = str(spec.get("cloudProvider") or "") if operator_release >= (23, 10) else ""
    identity = str(spec.get("cloudIdentity") or "") if operator_release >= (24, 2) else ""
    if provider and provider.lower() not in _CLOUDS:
        raise InstallationError(f"'{provider}' is not a valid cloud provider ")
    if not provider:
        if identity:
            raise InstallationError(f"cloud provider must be specified for the cloud identity '{identity}'")
        return "", False
    key = _CLOUDS[provider.lower()]
    if key in identity:
        return identity, False
    if identity or provider.lower() != "azure":
        name = {"azure": "Azure", "aws": "AWS", "gcp": "GCP"}[provider.lower()]
        raise InstallationError(f"'{identity}' is not a valid cloud identity for the cloud provider '{name}'")
    return "", True


def _tolerations(listed: Any) -> list[Json] | None:
    return None if listed is None else [{key: value for key, value in each.items() if value} for each in listed]


def _one_of(value: str, allowed: tuple[str, ...], text: str) -> None:
    if value not in allowed:
        raise InstallationError(text.format(value))
