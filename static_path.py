"""The static path: csi-driver-smb, and for each volume the PersistentVolume, claim and Pod made of its own outputs."""

from collections.abc import Mapping

import pulumi_kubernetes as kubernetes

from components.aks import on_cluster
from components.iis_pod import IisPod
from components.share_namespace import ShareNamespace
from components.smb_csi_driver import SmbCsiDriver
from components.smb_volume import SmbVolume
from components.static_share import StaticShare
from settings import Settings


class StaticPath:
    """What the static path makes in the cluster; a stack without volumes and driver makes none of it."""

    driver: SmbCsiDriver | None
    """The driver, where this stack installs it."""
    shares: Mapping[str, StaticShare]
    """The share of each volume, by the volume's name."""
    pods: Mapping[str, IisPod]
    """The sample Pods, by the volume's name."""

    def __init__(
        self,
        settings: Settings,
        cluster: kubernetes.Provider,
        namespaces: Mapping[str, ShareNamespace],
        volumes: Mapping[str, SmbVolume],
    ) -> None:
        minutes = settings.timeouts.kubernetes_minutes
        self.driver = (
            SmbCsiDriver(
                "csi-driver-smb",
                {
                    "version": settings.smb_driver.version,
                    "repository": settings.smb_driver.repository,
                    "namespace": settings.smb_driver.namespace,
                    "values": settings.smb_driver.values,
                    "timeout_minutes": minutes,
                },
                on_cluster(cluster),
            )
            if settings.installs_smb_driver
            else None
        )
        self.shares = {
            volume.name: StaticShare(
                volume.name,
                {
                    "unc_path": volumes[volume.name].unc_path,
                    "volume_handle": volumes[volume.name].volume_handle,
                    "size_gib": volume.size_gib,
                    "namespace": namespaces[volume.namespace].namespace,
                    "secret_name": namespaces[volume.namespace].secret_name,
                    "persistent_volume_name": volume.persistent_volume_name,
                    "claim_name": volume.claim_name,
                    "timeout_minutes": minutes,
                },
                on_cluster(cluster, self.driver),
            )
            for volume in settings.volumes
        }
        self.pods = {
            volume.name: IisPod(
                volume.name,
                {
                    "namespace": namespaces[volume.namespace].namespace,
                    "claim_name": self.shares[volume.name].claim_name,
                    "pod_name": pod_name,
                    "timeout_minutes": minutes,
                },
                on_cluster(cluster, self.driver),
            )
            for volume, pod_name in settings.sample_pods
        }
