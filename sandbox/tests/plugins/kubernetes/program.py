"""A program with the kinds of objects that a stack of SMB shares has, and what is in the cluster beside it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from sandbox.kube.api import KubeApi

LOADED = (
    kubernetes.apiextensions.CustomResource,
    kubernetes.core.v1.PersistentVolumeClaim,
    kubernetes.helm.v3.Release,
)
"""Loaded here, once: the SDK loads its modules at first use, and two programs in two threads get half of one."""

GROUP = "tryout.example.com"
GADGETS, WIDGETS = f"/apis/{GROUP}/v1/gadgets", f"/apis/{GROUP}/v1/widgets"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SOMEONE = "someone-else"
DRIVER: dict[str, Any] = {"name": "csi-driver-smb", "namespace": "kube-system", "chart": "csi-driver-smb"}
DRIVER_CHARTS = "https://raw.githubusercontent.com/kubernetes-csi/csi-driver-smb/master/charts"
TRIDENT: dict[str, Any] = {
    "name": "trident",
    "namespace": "trident",
    "chart": "trident-operator",
    "create_namespace": True,
}
TRIDENT_CHARTS = "https://netapp.github.io/trident-helm-chart"


def crd(kind: str) -> dict[str, Any]:
    """A cluster-wide type that takes any content."""
    plural = f"{kind.lower()}s"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    spec = {"group": GROUP, "names": {"kind": kind, "plural": plural}, "scope": "Cluster", "versions": [version]}
    return {"metadata": {"name": f"{plural}.{GROUP}"}, "spec": spec}


def within(opts: pulumi.ResourceOptions, seconds: int = 240, delete: int = 240, **more: Any) -> pulumi.ResourceOptions:
    limits = pulumi.CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s", delete=f"{delete}s")
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=limits, **more))


@dataclass(frozen=True)
class Shares:
    """What the program wants. Each field is for one change."""

    namespace: str = "shares"
    password: str = "first-Passw0rd"
    size: str = "100Gi"
    source: str = "//anf/one"
    image: str = "iis:1"
    level: str = "Standard"
    backend: str = "backend"
    driver: str = "1.20.1"

    def __call__(self, opts: pulumi.ResourceOptions) -> None:
        core = kubernetes.core.v1
        core.ConfigMap("existing", metadata={"name": "existing", "namespace": "default"}, data={"b": "2"}, opts=opts)
        namespace = core.Namespace("namespace", metadata={"name": self.namespace}, opts=opts).metadata["name"]
        core.Secret(
            "secret",
            metadata={"name": "smbcreds", "namespace": namespace},
            string_data={"username": "web", "password": pulumi.Output.secret(self.password)},
            opts=opts,
        )
        volumes = [
            core.PersistentVolume(
                name,
                metadata={"name": name},
                spec={
                    "capacity": {"storage": size},
                    "access_modes": ["ReadWriteMany"],
                    "persistent_volume_reclaim_policy": "Retain",
                    "claim_ref": {"namespace": self.namespace, "name": f"{name}-claim"},
                    "csi": {"driver": "smb.csi.k8s.io", "volume_handle": name, "volume_attributes": {"source": source}},
                },
                opts=opts,
            ).metadata["name"]
            for name, size, source in (("growing", self.size, "//anf/two"), ("moving", "100Gi", self.source))
        ]
        claim = core.PersistentVolumeClaim(
            "claim",
            metadata={
                "name": "growing-claim",
                "namespace": namespace,
                "annotations": {"pulumi.com/waitFor": "jsonpath={.status.phase}=Bound"},
            },
            spec={
                "access_modes": ["ReadWriteMany"],
                "storage_class_name": "",
                "volume_name": volumes[0],
                "resources": {"requests": {"storage": "50Gi"}},
            },
            opts=within(opts),
        )
        core.PersistentVolumePatch(
            "reclaim-policy",
            metadata={"name": claim.spec["volume_name"], "annotations": {"pulumi.com/patchForce": "true"}},
            spec={"persistent_volume_reclaim_policy": "Retain"},
            opts=within(opts, retain_on_delete=True),
        )
        taint: Any = {"key": "node.kubernetes.io/os", "operator": "Equal", "value": "windows", "effect": "NoSchedule"}
        core.Pod(
            "pod",
            metadata={"name": "iis-pod", "namespace": namespace},
            spec={
                "node_selector": {"kubernetes.io/os": "windows"},
                "tolerations": [taint],
                "containers": [{"name": "web", "image": self.image}],
            },
            opts=within(opts),
        )
        kubernetes.apiextensions.CustomResourcePatch(
            "installed",
            api_version=f"{GROUP}/v1",
            kind="Gadget",
            metadata={
                "name": "theirs",
                "annotations": {"pulumi.com/waitFor": '["jsonpath={.status.status}=Installed"]', "ours": "yes"},
            },
            opts=within(opts, retain_on_delete=True),
        )
        kubernetes.apiextensions.CustomResource(
            "late",
            api_version=f"{GROUP}/v1",
            kind="Widget",
            metadata={
                "name": self.backend,
                "annotations": {"pulumi.com/waitFor": '["jsonpath={.status.phase}=Bound", "jsonpath={.status.ready}"]'},
            },
            spec={"serviceLevel": self.level},
            opts=within(opts, delete=4),  # a finalizer holds it
        )
        kubernetes.helm.v3.Release(
            "driver",
            **DRIVER,
            version=self.driver,
            repository_opts={"repo": DRIVER_CHARTS},
            values={"windows": {"enabled": True}},
            atomic=True,
            cleanup_on_fail=True,
            timeout=120,
            opts=opts,
        )
        repository: Any = {"repo": TRIDENT_CHARTS}
        kubernetes.helm.v3.Release("trident", **TRIDENT, version="100.2606.0", repository_opts=repository, opts=opts)


def unsuccessful(chart: str) -> Callable[[pulumi.ResourceOptions], None]:
    """A program of which nothing can succeed; `chart` is one whose Pod fits no node."""

    def program(opts: pulumi.ResourceOptions) -> None:
        core, extensions = kubernetes.core.v1, kubernetes.apiextensions
        brief = within(opts, 10, delete=4)
        where: dict[str, Any] = {"name": "never", "namespace": "default"}
        awaiting: dict[str, Any] = {**where, "annotations": {"pulumi.com/waitFor": "jsonpath={.data.never}=1"}}
        misfit: Any = {"node_selector": {"no": "such"}, "containers": [{"name": "c", "image": "i"}]}
        core.Pod("unscheduled", metadata=where, spec=misfit, opts=brief)
        core.ConfigMap("never", metadata=awaiting, data={"a": "1"}, opts=brief)
        core.ConfigMap("homeless", metadata={"name": "c", "namespace": "nowhere"}, data={}, opts=brief)
        extensions.CustomResource("typeless", api_version=f"no.{GROUP}/v1", kind="None", metadata=where, opts=brief)
        extensions.CustomResourcePatch(
            "conflict",
            api_version=f"{GROUP}/v1",
            kind="Gadget",
            metadata={"name": "theirs"},
            spec={"level": "ours"},
            opts=brief,
        )
        kubernetes.helm.v3.Release("unready", **where, chart=chart, atomic=True, timeout=4, opts=opts)

    return program


def refused_by_the_cluster(opts: pulumi.ResourceOptions) -> None:
    where: Any = {"name": "c", "namespace": "default"}
    spec: Any = {"access_modes": ["Any"], "resources": {"requests": {"storage": "1Gi"}}}
    kubernetes.core.v1.PersistentVolumeClaim("refused", metadata=where, spec=spec, opts=opts)


def refused_by_helm(opts: pulumi.ResourceOptions) -> None:
    repository: Any = {"repo": TRIDENT_CHARTS}
    kubernetes.helm.v3.Release("unknown", **TRIDENT, version="99.1.0", repository_opts=repository, opts=opts)


def operate(api: KubeApi) -> None:
    """Be an operator: its type of widgets comes late, and what the program awaits of objects later still."""
    time.sleep(3)
    api.create(CRDS, crd("Widget"))
    api.merge(f"{GADGETS}/theirs", {"status": {"status": "Installing"}})
    widget = f"{WIDGETS}/backend"
    eventually(lambda: api.find(widget) is not None)
    api.merge(widget, {"status": {"phase": "Bound"}})
    time.sleep(1)
    api.merge(widget, {"status": {"ready": True}, "metadata": {"finalizers": ["example.com/hold"]}})
    api.merge(f"{GADGETS}/theirs", {"status": {"status": "Installed"}})


def eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
