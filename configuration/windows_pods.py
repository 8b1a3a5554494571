"""The section anf-smb:windowsPods: what Windows Pods need in a cluster."""

from typing import Annotated, Any, Self, cast

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from components import rules
from components.rules import windows_pods as pod_rules
from components.support.windows_pods import WindowsPodsArgs, pod_spec
from configuration.section import Section, obeys


class TolerationSettings(Section):
    """One of anf-smb:windowsPods.tolerations."""

    key: Annotated[str, obeys(pod_rules.LABEL_KEY)] | None = None
    operator: Annotated[str, obeys(pod_rules.OPERATOR)] | None = None
    value: Annotated[str, obeys(pod_rules.LABEL_VALUE)] | None = None
    effect: Annotated[str, obeys(pod_rules.EFFECT)] | None = None
    toleration_seconds: Annotated[int, obeys(pod_rules.TOLERATION_SECONDS)] | None = None

    @model_validator(mode="after")
    def _check_values_together(self) -> Self:
        if allowed := pod_rules.refused_toleration(self.model_dump()):
            raise PydanticCustomError("rule", "{allowed}", {"allowed": allowed, "source": pod_rules.TAINTS})
        return self


class WindowsPodsSettings(Section):
    """anf-smb:windowsPods: the needs of Windows Pods in a cluster with tainted node pools or a private registry."""

    image: Annotated[str, obeys(pod_rules.IMAGE)] | None = None
    """The image of the sample Pods, and of the Pods that verify creates. It must fit the Windows version of the nodes.
    Default: that of the documentation; for verify a small one of that version."""
    node_selector: Annotated[
        dict[Annotated[str, obeys(pod_rules.LABEL_KEY)], Annotated[str, obeys(pod_rules.LABEL_VALUE)]],
        obeys(pod_rules.WINDOWS_NODES),
    ] = Field(default_factory=dict[str, str])
    """The labels of the nodes for the Pods, besides kubernetes.io/os. The drivers run on every Windows node anyway:
    where they do not run, no Pod mounts a share. The values of their charts can restrict them (node.nodeSelector of
    csi-driver-smb, tridentNodePluginNodeSelector of Trident)."""
    tolerations: list[TolerationSettings] = Field(default_factory=list[TolerationSettings])
    """The taints that the Pods tolerate, besides node.kubernetes.io/os=windows:NoSchedule. csi-driver-smb gets them
    too, besides its chart's own, unless smbDriver.values has windows.tolerations. Trident tolerates every taint from
    23.10 on, unless trident.values has tridentNodePluginTolerations, and none of Windows nodes before."""
    image_pull_secrets: list[Annotated[str, obeys(rules.OBJECT_NAME)]] = Field(default_factory=list[str])
    """The Secrets (kubernetes.io/dockerconfigjson) for a private registry. They must exist in the namespaces of the
    Pods. Both charts get their names too: where the drivers' images come from it, they must exist in the drivers'
    namespaces."""

    @property
    def args(self) -> WindowsPodsArgs:
        """Return the arguments of the components."""
        return cast("WindowsPodsArgs", self.model_dump(exclude_none=True))

    @property
    def spec(self) -> dict[str, Any]:
        """Return the fields of a Pod's spec that follow from it, as Kubernetes writes them."""
        return pod_rules.as_manifest(pod_spec(self.args))
