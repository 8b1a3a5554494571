"""Changes that break one link of the dynamic way, and fix it."""

import subprocess
from contextlib import contextmanager

from sandbox.testing import AzureClients, Json
from tests.e2e.live_stack import BACKEND_CONFIG, TRIDENT, LiveStack, eventually
from tests.e2e.stack_breaks import Break, Broken
from verify.trouble import commands_of

_ORCHESTRATOR = f"{TRIDENT}/tridentorchestrators/trident"
_FEDERATION = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
_TRIGGER: Json = {"spec": {"labels": {"looked-at": "anew"}}}


def changed_config(**spec: object) -> Break:
    """Change the TridentBackendConfig so that Trident rejects it."""

    @contextmanager
    def broken(live: LiveStack) -> Broken:
        fix = live.merge(BACKEND_CONFIG, {"spec": spec})
        yield
        fix()
        await_bound(live)

    return broken


@contextmanager
def orchestrator_failed(live: LiveStack) -> Broken:
    fix = live.merge(_ORCHESTRATOR, {"spec": {"namespace": "elsewhere"}})
    yield
    fix()
    await_installed(live)


def await_installed(live: LiveStack) -> None:
    def installed() -> bool:
        return ((live.find(_ORCHESTRATOR) or {}).get("status") or {}).get("status") == "Installed"

    eventually(installed, "the TridentOrchestrator is Installed")
    await_bound(live)


@contextmanager
def config_terminating(live: LiveStack) -> Broken:
    """Delete the TridentBackendConfig while its backend has a volume; fix it by the commands that verify prints."""
    live.remember(BACKEND_CONFIG)
    live.api.delete(BACKEND_CONFIG)
    yield
    live.api.merge(BACKEND_CONFIG, {"metadata": {"finalizers": None}})
    eventually(lambda: live.find(BACKEND_CONFIG) is None, "the config is gone")
    live.create(BACKEND_CONFIG)
    commands: list[str] = []

    def refused() -> bool:
        found = [each.fix for each in live.verify() if each.trouble == "backend-of-another-config"]
        commands[:] = [command for fix in found for command in commands_of(fix)]
        return bool(commands)

    eventually(refused, "Trident refuses the backend of the earlier config")
    subprocess.run(["bash", "-c", " && ".join(commands)], check=True, timeout=60)
    await_bound(live)


def await_bound(live: LiveStack) -> None:
    def bound() -> bool:
        status = (live.find(BACKEND_CONFIG) or {}).get("status") or {}
        return (status.get("phase"), status.get("lastOperationStatus")) == ("Bound", "Success")

    eventually(bound, "the TridentBackendConfig is Bound, Success")


@contextmanager
def roles_missing(live: LiveStack) -> Broken:
    """Remove the roles of Trident's identity in the resource group, and restart its controller."""
    azure = AzureClients(live.paths).http
    group = live.outputs.pool_id.partition("/providers/")[0]
    version = {"api-version": "2022-04-01"}
    listed = azure.get(f"{group}/providers/Microsoft.Authorization/roleAssignments", params=version).json()["value"]
    taken = [each for each in listed if each["properties"]["scope"] == group]
    assert taken
    for each in taken:
        azure.delete(each["id"], params=version).raise_for_status()
    fix = live.merge(BACKEND_CONFIG, _TRIGGER)
    yield
    kept = ("roleDefinitionId", "principalId", "principalType")
    for each in taken:
        body = {"properties": {key: each["properties"][key] for key in kept}}
        azure.put(each["id"], params=version, json=body).raise_for_status()
    fix()
    await_bound(live)


@contextmanager
def trust_missing(live: LiveStack) -> Broken:
    """Remove the federated credential of Trident's ServiceAccount."""
    taken = live.store.of_type(_FEDERATION)
    assert taken
    for each in taken:
        live.store.remove(each.id.key)
    fix = live.merge(BACKEND_CONFIG, _TRIGGER)
    yield
    for each in taken:
        live.store.save(each)
    fix()
    await_bound(live)
