"""The driver by which Kubernetes mounts SMB shares: csi-driver-smb, installed with its own Helm chart."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.child_options import child_options
from components.unready_release import unready_release

REPOSITORY: Final = "https://raw.githubusercontent.com/kubernetes-csi/csi-driver-smb/master/charts"


class SmbCsiDriverArgs(TypedDict):
    """Arguments of `SmbCsiDriver`."""

    version: pulumi.Input[str]
    """The chart's version: v1.13.0 up to 1.17 with a v, 1.20.3 without."""
    repository: NotRequired[pulumi.Input[str | None]]
    """The Helm repository. Default: the project's own."""
    namespace: NotRequired[pulumi.Input[str]]
    """Where it runs; it must exist. Default: kube-system, as the project documents."""
    values: NotRequired[pulumi.Input[dict[str, Any]]]
    """Values of the chart, beside and above windows.enabled = true."""
    timeout_minutes: NotRequired[int]
    """How long its Pods may take to become ready. Default: 15."""


class SmbCsiDriver(pulumi.ComponentResource):
    """csi-driver-smb on the Linux and Windows nodes; a cluster has it once.

    Raises `rules.InvalidArgsError` for a version that is not spelled as the charts are.
    Source: https://github.com/kubernetes-csi/csi-driver-smb/blob/master/charts/README.md
    """

    version: pulumi.Output[str]
    """The version that is installed."""

    def __init__(self, name: str, args: SmbCsiDriverArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:SmbCsiDriver", name, {}, opts)
        rules.check_args(
            "SmbCsiDriver",
            args,
            {"version": rules.DRIVER_VERSION, "repository": rules.REPOSITORY, "namespace": rules.NAMESPACE},
        )
        timeout_minutes = args.get("timeout_minutes", 15)
        release = kubernetes.helm.v3.Release(
            f"{name}-release",
            name="csi-driver-smb",
            namespace=args.get("namespace", "kube-system"),
            chart="csi-driver-smb",
            version=args["version"],
            repository_opts={
                "repo": pulumi.Output.from_input(args.get("repository")).apply(lambda given: given or REPOSITORY)
            },
            values=pulumi.Output.from_input(args.get("values", {})).apply(_with_windows),
            # A failed installation is taken back, so that the next `up` does not meet a name that is in use.
            atomic=True,
            cleanup_on_fail=True,
            timeout=timeout_minutes * 60,
            opts=child_options(
                self,
                timeout_minutes=timeout_minutes + 5,
                hooks=pulumi.ResourceHookBinding(
                    on_error=[unready_release(self, f"{name}-unready", "deployments,daemonsets,pods")]
                ),
            ),
        )
        self.version = release.version.apply(str)
        self.register_outputs({"version": self.version})


def _with_windows(values: Mapping[str, Any]) -> dict[str, Any]:
    """Up to v1.16 the chart leaves Windows out unless it is asked for."""
    return {**values, "windows": {"enabled": True, **values.get("windows", {})}}
