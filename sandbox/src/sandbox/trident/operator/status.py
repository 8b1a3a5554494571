"""The status of a TridentOrchestrator, as it is written."""

from dataclasses import dataclass, field
from typing import Literal

from sandbox.kube.objects import Json
from sandbox.trident.operator.installation import Plan

Status = Literal["Installing", "Installed", "Updating", "Failed", "Error", "Uninstalling", "Uninstalled"]


@dataclass(frozen=True)
class OrchestratorStatus:
    """One status; `version` is empty until Trident is installed."""

    status: Status
    message: str
    version: str = ""
    namespace: str = ""
    parameters: Json = field(default_factory=dict[str, object])
    warns: bool = False

    @property
    def is_warning(self) -> bool:
        """Whether its event is one."""
        return self.warns or self.status in {"Failed", "Error"}

    def body(self) -> Json:
        """As in the object."""
        shown: Json = {
            "status": self.status,
            "message": self.message,
            "version": self.version,
            "namespace": self.namespace,
            "currentInstallationParams": self.parameters,
        }
        return {**shown, "acpVersion": self.version} if self.version >= "v24.02" else shown


def installation_parameters(plan: Plan) -> Json:
    """`currentInstallationParams`, whose values are text."""
    spec: Json = plan.orchestrator.get("spec") or {}

    def boolean(name: str) -> str:
        return str(bool(spec.get(name))).lower()

    return {
        "IPv6": boolean("IPv6"),
        "autosupportImage": str(spec.get("autosupportImage") or ""),
        "autosupportProxy": str(spec.get("autosupportProxy") or ""),
        "debug": boolean("debug"),
        "disableAuditLog": str(bool(spec.get("disableAuditLog", True))).lower(),
        "enableForceDetach": boolean("enableForceDetach"),
        "httpRequestTimeout": str(spec.get("httpRequestTimeout") or "90s"),
        "imagePullPolicy": plan.pull_policy,
        "imagePullSecrets": plan.pull_secrets,
        "imageRegistry": str(spec.get("imageRegistry") or ""),
        "k8sTimeout": str(spec.get("k8sTimeout") or 180),
        "kubeletDir": str(spec.get("kubeletDir") or "/var/lib/kubelet"),
        "logFormat": str(spec.get("logFormat") or "text"),
        "logLevel": str(spec.get("logLevel") or "info"),
        "probePort": str(spec.get("probePort") or "17546"),
        "silenceAutosupport": boolean("silenceAutosupport"),
        "tridentImage": plan.image,
    }


def status_parameters(status: Json) -> Json:
    """The parameters that a status says are installed."""
    return status.get("currentInstallationParams") or {}
