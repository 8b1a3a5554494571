"""The start of the program, up to the first resource, beside the bare imports of the SDK classes that it uses."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bench.measure import measure
from bench.results import Figure, ratio
from bench.sides import Side
from bench.stack_files import PROJECT, dev

_BARE: Final = """
import os, pulumi, pulumi_kubernetes as k
from pulumi_azure_native import authorization, containerservice, managedidentity, netapp, network, resources
(netapp.Account, netapp.CapacityPool, netapp.CapacityPoolVolume, network.Subnet, resources.ResourceGroup)
(authorization.RoleAssignment, authorization.RoleDefinition, containerservice.get_managed_cluster_output)
(managedidentity.UserAssignedIdentity, managedidentity.FederatedIdentityCredential)
(k.Provider, k.core.v1.Secret, k.storage.v1.StorageClass, k.helm.v3.Release, k.apps.v1.DeploymentPatch)
(k.apiextensions.CustomResource, k.apiextensions.CustomResourcePatch)
os._exit(0)
"""
_SECRETS: Final = {"anf-smb:activeDirectoryPassword": "password", "anf-smb:smbPassword": "password"}


def measure_imports(side: Side, times: int) -> dict[str, Figure]:
    """Return the time to the first resource of dev against that of the imports alone."""
    side.prepare()
    config = side.home / "dev.json"
    config.write_text(json.dumps(_engine_form(dev()["config"] | _SECRETS)))
    first = [sys.executable, str(PROJECT / "bench" / "first_resource.py"), str(config)]
    samples: dict[str, list[float]] = {"first resource": [], "imports": []}
    for name, command in {"first resource": first, "imports": [sys.executable, "-c", _BARE]}.items():
        _seconds(side, name, command)  # compiles
    for _ in range(times):
        for name, command in {"first resource": first, "imports": [sys.executable, "-c", _BARE]}.items():
            samples[name].append(_seconds(side, name, command))
    return {"first_resource": ratio(samples, "first resource", "imports")}


def _seconds(side: Side, name: str, command: list[str]) -> float:
    log: Path = side.home / f"{name.replace(' ', '-')}.log"
    return round(measure(command, side.folder, {"PATH": "/usr/bin:/bin"}, 60, log).seconds, 3)


def _engine_form(config: Mapping[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
