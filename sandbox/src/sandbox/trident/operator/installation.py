"""The installation that an orchestrator's spec asks for, checked as the operator of a version checks it.

Sources: setInstallationParams and the prechecks in operator/controllers/orchestrator/installer/installer.go.
"""

from dataclasses import dataclass
from typing import Any, Final

from sandbox.kube.objects import Json, uid
from sandbox.trident.names import AZURE_IDENTITY_KEY
from sandbox.trident.versions import image_version, release

_PULL_POLICIES: Final = ("IfNotPresent", "Always", "Never")
_GROUP_POLICIES: Final = {
    "": "ReadWriteOnceWithFSType",
    "readwriteoncewithfstype": "ReadWriteOnceWithFSType",
    "none": "None",
    "file": "File",
}
_OTHER_CLOUDS: Final = ("aws", "gcp")
_DEFAULTS: Final[dict[str, str | bool]] = {
    "IPv6": False,
    "autosupportImage": "",
    "autosupportProxy": "",
    "debug": False,
    "disableAuditLog": True,
    "enableForceDetach": False,
    "httpRequestTimeout": "90s",
    "imageRegistry": "",
    "k8sTimeout": "180",
    "kubeletDir": "/var/lib/kubelet",
    "logFormat": "text",
    "logLevel": "info",
    "probePort": "17546",
    "silenceAutosupport": False,
}
"""Settings that only the orchestrator's status shows."""


class InstallationError(Exception):
    """Why the operator does not install; the text follows "Failed to install Trident; err: "."""


@dataclass(frozen=True)
class Plan:
    """The installation that an orchestrator asks for."""

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
    controller_tolerations: list[Json] | None
    node_tolerations: list[Json] | None
    fs_group_policy: str
    pull_policy: str

    @property
    def spec(self) -> Json:
        return self.orchestrator.get("spec") or {}

    @property
    def pull_secrets(self) -> list[str]:
        return [str(name) for name in self.spec.get("imagePullSecrets") or []]

    @property
    def version_label(self) -> str:
        """As in labels and in the orchestrator's status."""
        return f"v{self.version}"

    @property
    def owner(self) -> Json:
        """The owner reference with which garbage collection deletes what was installed."""
        return {
            "apiVersion": self.orchestrator["apiVersion"],
            "kind": self.orchestrator["kind"],
            "name": self.orchestrator["metadata"]["name"],
            "uid": uid(self.orchestrator),
            "controller": True,
        }

    def parameters(self) -> Json:
        """Return `currentInstallationParams`, whose values are text."""
        shown: Json = {"imagePullPolicy": self.pull_policy, "imagePullSecrets": self.pull_secrets}
        for name, default in _DEFAULTS.items():
            value = self.spec.get(name, default)
            shown[name] = str(bool(value)).lower() if isinstance(default, bool) else str(value or default)
        return {**shown, "tridentImage": self.image}


def plan(orchestrator: Json, operator_version: str) -> Plan:
    spec: Json = orchestrator.get("spec") or {}
    image = str(spec.get("tridentImage") or f"docker.io/netapp/trident:{operator_version}")
    version = image_version(image) or operator_version
    if release(version) != release(operator_version):
        raise InstallationError(
            f"unsupported Trident image version '{version}', supported Trident version is '{operator_version}'"
        )
    identity, managed = _cloud(spec, release(operator_version))
    log_format = str(spec.get("logFormat") or "text")
    if log_format not in {"text", "json"}:
        raise InstallationError(f"'{log_format}' is not a valid log format")
    pull_policy = str(spec.get("imagePullPolicy") or "IfNotPresent")
    if pull_policy not in _PULL_POLICIES:
        raise InstallationError(f"'{pull_policy}' is not a valid trident image pull policy format")
    group_policy = str(spec.get("fsGroupPolicy") or "")
    if group_policy.lower() not in _GROUP_POLICIES:
        raise InstallationError(f"'{group_policy}' is not a valid fsGroupPolicy")
    return Plan(
        orchestrator=orchestrator,
        namespace=str(spec.get("namespace") or "default"),
        version=version,
        image=image,
        windows=bool(spec.get("windows")),
        workload_identity=identity,
        managed_identity=managed,
        controller_tolerations=_tolerations(spec.get("controllerPluginTolerations")),
        node_tolerations=_tolerations(spec.get("nodePluginTolerations")),
        fs_group_policy=_GROUP_POLICIES[group_policy.lower()],
        pull_policy=pull_policy,
    )


def _cloud(spec: Json, operator_release: tuple[int, int]) -> tuple[str, bool]:
    """Return the identity's annotation, and whether the node's own identity is used."""
    provider = str(spec.get("cloudProvider") or "") if operator_release >= (23, 10) else ""
    identity = str(spec.get("cloudIdentity") or "") if operator_release >= (24, 2) else ""
    if not provider:
        if identity:
            raise InstallationError(f"cloud provider must be specified for the cloud identity '{identity}'")
        return "", False
    if provider.lower() in _OTHER_CLOUDS:
        raise InstallationError(f"the sandbox's Trident runs on Azure only: cloud provider '{provider}' is not played")
    if provider.lower() != "azure":
        raise InstallationError(f"'{provider}' is not a valid cloud provider ")
    if identity and AZURE_IDENTITY_KEY not in identity:
        raise InstallationError(f"'{identity}' is not a valid cloud identity for the cloud provider 'Azure'")
    return identity, not identity


def _tolerations(listed: Any) -> list[Json] | None:
    return None if listed is None else [{key: value for key, value in each.items() if value} for each in listed]
