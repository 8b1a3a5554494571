"""The sandbox for tests of programs: what a test may start, ask, change behind Azure's back, and make fail.

`Sandbox(SandboxPaths(folder)).up(progress)` starts one; `environment()` is for the commands that a test runs in it.
`azure_alone(SandboxPaths(folder))` starts Azure without a cluster and an estate, for the `with` in which it runs.
`AzureClients` are Microsoft's own clients on its Azure, `KubeApi` its cluster, `Store` and `Directory` what is behind
Azure's API, `Estate` what network teams have there (networks, peerings, domain controllers, clusters: `Estate.connect`
peers a test's own network with them), `AzureCli` the genuine `az` (`AzureCli(paths)("group", "list")` returns what it
answers), and `StandingFaults` what nodes, Trident and the directory get wrong. `tool_cache()` is the folder in which
the sandboxes of a user keep their tools.
`sandbox.testing.scheduling` gives pytest-xdist the tests that share a sandbox to one process. Everything else in the
package may change from one version to the next.
"""

from sandbox.azure.directory import AccountState, Directory
from sandbox.azure.entra.credentials import SUBSCRIPTION, ensure_trident
from sandbox.azure.ids import ResourceId
from sandbox.azure.store import Resource, Store
from sandbox.estate.estate import Estate
from sandbox.faults import DIRECTORY_WITHOUT_RC4, NODES_DNS, TRIDENT_CRDS_LATE, TRIDENT_NEVER_INSTALLED, StandingFaults
from sandbox.kube.api import KubeApi, NotFoundError
from sandbox.kube.objects import Json, condition
from sandbox.paths import SandboxPaths
from sandbox.sandbox import Sandbox
from sandbox.testing.azure_alone import azure_alone
from sandbox.testing.azure_cli import AzureCli
from sandbox.testing.azure_clients import AzureClients
from sandbox.tools.cache import tool_cache

__all__ = [
    "DIRECTORY_WITHOUT_RC4",
    "NODES_DNS",
    "SUBSCRIPTION",
    "TRIDENT_CRDS_LATE",
    "TRIDENT_NEVER_INSTALLED",
    "AccountState",
    "AzureCli",
    "AzureClients",
    "Directory",
    "Estate",
    "Json",
    "KubeApi",
    "NotFoundError",
    "Resource",
    "ResourceId",
    "Sandbox",
    "SandboxPaths",
    "StandingFaults",
    "Store",
    "azure_alone",
    "condition",
    "ensure_trident",
    "tool_cache",
]
