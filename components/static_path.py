"""The static path: csi-driver-smb, and a PersistentVolume, a claim and a sample Pod for each share."""

from typing import NotRequired, TypedDict

import pulumi

from components.iis_pod import IisPod
from components.smb_csi_driver import SmbCsiDriver, SmbCsiDriverArgs
from components.static_share import StaticShare, StaticShareArgs
from components.support.options import path_options
from components.support.windows_pods import WindowsPodsArgs


class StaticPathArgs(TypedDict):
    """Arguments of `StaticPath`."""

    driver: NotRequired[SmbCsiDriverArgs | None]
    """The driver to install. Default: none, the cluster has one."""
    shares: dict[str, StaticShareArgs]
    """The shares, by their names in the program."""
    pods: NotRequired[dict[str, str]]
    """The names of sample Pods, by the shares that they mount. Default: none."""
    windows_pods: NotRequired[WindowsPodsArgs]
    """The needs of Windows Pods in the cluster, for the driver and the sample Pods. Default: none."""


class StaticPath(pulumi.ComponentResource):
    """The SMB shares of existing volumes in a cluster.

    Claims and PersistentVolumes are protected unless the options say `protect: false`; driver and Pods are not. Shares
    and Pods wait for the driver. The custom timeouts of the options count for each of them, 15 minutes by default.
    """

    claim_names: pulumi.Output[dict[str, str]]
    """The names of the claims, by the names of the shares."""

    def __init__(self, name: str, args: StaticPathArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("anf-smb:index:StaticPath", name, {}, opts)
        driver, windows_pods = args.get("driver"), args.get("windows_pods", WindowsPodsArgs())
        self.driver = (
            SmbCsiDriver("csi-driver-smb", {"windows_pods": windows_pods, **driver}, path_options(self, opts))
            if driver
            else None
        )
        after = path_options(self, opts, self.driver)
        share_options = path_options(self, opts, self.driver, is_data=True)
        self.shares = {share: StaticShare(share, given, share_options) for share, given in args["shares"].items()}
        self.pods = {
            share: IisPod(
                share,
                {
                    "namespace": args["shares"][share]["namespace"],
                    "claim_name": self.shares[share].claim_name,
                    "pod_name": pod_name,
                    "windows_pods": windows_pods,
                },
                after,
            )
            for share, pod_name in (args.get("pods") or {}).items()
        }
        self.claim_names = pulumi.Output.all(**{share: made.claim_name for share, made in self.shares.items()})
        self.register_outputs({"claimNames": self.claim_names})
