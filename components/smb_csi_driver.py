"""csi-driver-smb: the driver that mounts SMB shares in Kubernetes, installed by its Helm chart."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from components import rules
from components.rules import smb_driver
from components.rules.windows_pods import as_manifest
from components.support.options import Limits, before_update, child_options
from components.support.unready_release import unready_release
from components.support.windows_pods import WindowsPodsArgs, pull_secrets

REPOSITORY: Final = "https://raw.githubusercontent.com/kubernetes-csi/csi-driver-smb/master/charts"


class SmbCsiDriverArgs(TypedDict):
    """Arguments of `SmbCsiDriver`."""

    version: pulumi.Input[str]
    """The chart's version: v1.13.0 up to 1.17 with a v, 1.20.3 without."""
    repository: NotRequired[pulumi.Input[str | None]]
    """The Helm repository. Default: the project's own."""
    namespace: NotRequired[pulumi.Input[str]]
    """The namespace of the driver; it must exist. Default: kube-system, as the project documents."""
    values: NotRequired[pulumi.Input[dict[str, Any]]]
    """Values of the chart. They are merged over windows.enabled = true and over what Windows Pods need."""
    windows_pods: NotRequired[WindowsPodsArgs]
    """The needs of Windows Pods: the chart gets their tolerations, besides its own, and pull Secrets. Default: none."""


class SmbCsiDriver(pulumi.ComponentResource):
    """csi-driver-smb on the Linux and Windows nodes; a cluster has it once.

    Its Pods may take as long to become ready as the custom timeouts of the options say, 15 minutes by default. A
    version that is not spelled as the charts are is an error, as are values with which no Windows node mounts a share,
    and, in the preview, an upgrade or a downgrade that Kubernetes refuses.
    Source: https://github.com/kubernetes-csi/csi-driver-smb/blob/master/charts/README.md
    """

    version: pulumi.Output[str]
    """The installed version of the chart."""
    status: pulumi.Output[str]
    """The status of the Helm release, such as deployed."""

    def __init__(self, name: str, args: SmbCsiDriverArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:SmbCsiDriver", name, {}, opts)
        rules.check_args(
            "SmbCsiDriver",
            args,
            {"version": rules.DRIVER_VERSION, "repository": rules.REPOSITORY, "namespace": rules.NAMESPACE},
        )
        limits = Limits.of(opts, 15)
        release = kubernetes.helm.v3.Release(
            f"{name}-release",
            name="csi-driver-smb",
            namespace=args.get("namespace", "kube-system"),
            chart="csi-driver-smb",
            version=args["version"],
            repository_opts={
                "repo": pulumi.Output.from_input(args.get("repository")).apply(lambda given: given or REPOSITORY)
            },
            values=pulumi.Output.from_input(args.get("values", {})).apply(
                lambda given: _values(given, args.get("windows_pods", WindowsPodsArgs()))
            ),
            # Helm removes a failed installation, so that its name is free for the next `up`.
            atomic=True,
            cleanup_on_fail=True,
            timeout=int(limits.create),
            opts=child_options(
                self,
                opts,
                limits=limits.extended(5),
                hooks=pulumi.ResourceHookBinding(
                    before_update=[before_update(f"{name}-lifecycle-modes", _check_lifecycle_modes)],
                    on_error=[unready_release(self, f"{name}-unready")],
                ),
            ),
        )
        self.version = release.version.apply(str)
        self.status = release.status.apply(lambda status: status.status)
        self.register_outputs({"version": self.version, "status": self.status})


def _values(given: Mapping[str, Any], needs: WindowsPodsArgs) -> dict[str, Any]:
    """Return the given values with Windows enabled: up to v1.16 the chart's default is Linux alone."""
    rules.check_values("SmbCsiDriver", smb_driver.breaking_values(given))
    windows: dict[str, Any] = {"enabled": True}
    if tolerations := needs.get("tolerations"):
        # A list replaces the chart's own.
        windows["tolerations"] = [smb_driver.WINDOWS_TOLERATION, *map(as_manifest, tolerations)]
    return {**pull_secrets(needs), **given, "windows": {**windows, **given.get("windows", {})}}


def _check_lifecycle_modes(args: pulumi.ResourceHookArgs) -> None:
    """Raise `InvalidArgsError` for a change of the CSIDriver's volumeLifecycleModes, which Kubernetes refuses."""
    (old, before), (new, after) = (_installed(inputs or {}) for inputs in (args.old_inputs, args.new_inputs))
    if not old or not new or before == after:
        return
    inline = str("Ephemeral" in before).lower()
    fix = (
        f"{rules.argument('SmbCsiDriver', 'values')} {{feature: {{enableInlineVolume: {inline}}}}}"
        if smb_driver.has_inline_volumes(new)
        else "one `pulumi up` without the driver, and one with it; see docs/operate.md, Upgrade"
    )
    raise rules.InvalidArgsError(
        f"csi-driver-smb {old} cannot become {new} in place: its CSIDriver would get the volumeLifecycleModes "
        f"{', '.join(after)}, and Kubernetes never changes them. Allowed: {', '.join(before)}. Fix: {fix}"
    )


def _installed(inputs: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return version and modes of a release; no version where it is not known."""
    version, values = inputs.get("version"), inputs.get("values") or {}
    if not isinstance(version, str) or not isinstance(values, Mapping):
        return "", ()
    return version, smb_driver.lifecycle_modes(version, values)
