"""The cluster that a provider resource names: how to reach it, and whether that works."""

import json
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.providers.kubernetes.cancellation import Cancellation
from sandbox.providers.kubernetes.kubeconfig import Kubeconfig, KubeconfigError
from sandbox.providers.kubernetes.settings import ProviderSettings

if TYPE_CHECKING:
    from sandbox.providers.kubernetes.api import Api


@dataclass(frozen=True)
class Timing:
    """Durations in seconds, as the genuine plugin has them. Tests give shorter ones."""

    first_retry: float = 1.0
    """Before the second try to create an object whose type or namespace is missing; doubled each time."""
    claim: float = 300.0
    """For a claim to be bound, whatever the timeout."""
    volume: float = 300.0
    """For a volume to be available, whatever the timeout."""
    operation: float = 600.0
    """For an operation whose resource says no other."""
    endpoints_settle: float = 10.0
    """After a change of a Service's endpoints, for stragglers."""

    @classmethod
    def from_environment(cls) -> "Timing":
        """The genuine durations, except those that ANF_SANDBOX_KUBERNETES_TIMING names: a JSON object by field."""
        return cls(**json.loads(os.environ.get("ANF_SANDBOX_KUBERNETES_TIMING") or "{}"))


@dataclass
class Cluster:
    """A configured cluster. Handlers share it; its client is made at first use."""

    settings: ProviderSettings
    cancellation: Cancellation = field(default_factory=Cancellation)
    timing: Timing = field(default_factory=Timing)
    kubeconfig: Kubeconfig = field(init=False, repr=False)
    """The document with the settings' overrides: `effective()` is what a helm binary needs."""
    unreachable: str = field(init=False, default="")
    """Why no operation can reach the cluster; empty while all is well."""
    _api: "Api | None" = field(init=False, default=None, repr=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        settings = self.settings
        try:
            loaded = Kubeconfig.load(settings.kubeconfig) if settings.kubeconfig else Kubeconfig.ambient()
        except KubeconfigError as error:
            loaded = Kubeconfig()
            self.unreachable = f"failed to parse kubeconfig data in `kubernetes:config:kubeconfig`- {error}"
        self.kubeconfig = loaded.overridden(settings.context, settings.cluster, settings.namespace)

    @property
    def namespace(self) -> str:
        """The namespace of objects that name none: the settings', else the context's, else `default`."""
        return self.kubeconfig.namespace

    @property
    def api(self) -> "Api":
        """The cluster's API. Raises KubeconfigError where the kubeconfig names no cluster."""
        with self._lock:
            if self._api is None:
                # The client costs most of a second to import, which a plugin has not before it says its port.
                from sandbox.providers.kubernetes.api import Api
                from sandbox.providers.kubernetes.connection import connect

                self._api = Api(connect(self.kubeconfig), self.settings.request_timeout)
            return self._api

    def probe(self) -> None:
        """Find out whether the cluster can be reached, and remember why not."""
        if self.unreachable:
            return
        from sandbox.providers.kubernetes.errors import ApiError, UnreachableError

        try:
            self.api.probe()
        except KubeconfigError as error:
            self.unreachable = (
                "unable to load Kubernetes client configuration from kubeconfig file. Make sure you have: \n\n"
                " \t • set up the provider as per "
                f"https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/ \n\n {error}"
            )
        except (ApiError, UnreachableError) as error:
            self.unreachable = f"unable to load schema information from the API server: {error}"
