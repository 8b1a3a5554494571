"""The plugin in the genuine engine and on the sandbox's own Azure: a volume with all that it needs, and an identity."""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation
from pulumi_azure_native import authorization, containerservice, managedidentity, netapp, network, resources

from sandbox.azure.store import Store
from sandbox.environment import azure_variables
from sandbox.estate.description import DEFAULT
from sandbox.estate.seeding import seed
from sandbox.paths import SandboxPaths
from sandbox.plugins import installation as plugins
from sandbox.services import AZURE, Services
from tests.plugins.engine import engine

PASSWORD = "J0in-the-domain!"
ROTATED = "an0ther-Passw0rd"
GIB = 1024**3
CLUSTER: dict[str, Any] = {"resource_group_name": "rg-aks", "resource_name": "aks"}
HUB: dict[str, Any] = {"resource_group_name": "rg-hub", "virtual_network_name": "vnet-hub"}


@dataclass(frozen=True)
class Program:
    """Each field is for one change."""

    password: str = PASSWORD
    site: str = "Default-First-Site-Name"
    ignored: tuple[str, ...] = ()
    size: int = 100 * GIB
    file_path: str = "smb"
    snapshots: int = 7

    def __call__(self) -> None:
        group = resources.ResourceGroup("anf")
        of_group: dict[str, Any] = {"resource_group_name": group.name}
        self._volume(of_group)
        self._identity(of_group, group.id)
        cluster = containerservice.get_managed_cluster_output(**CLUSTER)
        pulumi.export("nodes", cluster.agent_pool_profiles[0]["vnet_subnet_id"])
        pulumi.export("cluster", [cluster.oidc_issuer_profile["enabled"], cluster.power_state["code"]])
        kubeconfigs = containerservice.list_managed_cluster_user_credentials_output(**CLUSTER).kubeconfigs
        pulumi.export("kubeconfig", kubeconfigs[0]["value"])
        pulumi.export("client", authorization.get_client_config_output().client_id)

    def _volume(self, of_group: dict[str, Any]) -> None:
        subnet, peered = self._subnet(of_group)
        directory = netapp.ActiveDirectoryArgs(
            domain="contoso.com",
            dns="10.40.0.4",
            site=self.site,
            smb_server_name="ANF",
            username="anf-join",
            password=pulumi.Output.secret(self.password),
        )
        ignored = pulumi.ResourceOptions(ignore_changes=[*self.ignored])
        account = netapp.Account("anf", active_directories=[directory], opts=ignored, **of_group)
        of_account: dict[str, Any] = {**of_group, "account_name": account.name}
        pool = netapp.CapacityPool("pool", size=1024 * GIB, service_level="Standard", pool_name="pool", **of_account)
        daily = netapp.DailyScheduleArgs(snapshots_to_keep=self.snapshots, hour=1, minute=15)
        policy = netapp.SnapshotPolicy("nightly", enabled=True, daily_schedule=daily, **of_account)
        snapshots = netapp.VolumeSnapshotPropertiesArgs(snapshot_policy_id=policy.id)
        volume = netapp.CapacityPoolVolume(
            "smb",
            pool_name=pool.name.apply(lambda name: name.rpartition("/")[2]),
            volume_name="smb",
            creation_token=self.file_path,
            subnet_id=subnet.id,
            protocol_types=["CIFS"],
            security_style="ntfs",
            network_features="Standard",
            service_level="Standard",
            usage_threshold=self.size,
            data_protection=netapp.VolumePropertiesDataProtectionArgs(snapshot=snapshots),
            opts=pulumi.ResourceOptions(depends_on=peered),
            **of_account,
        )
        pulumi.export("directories", account.active_directories)
        pulumi.export("mountTargets", volume.mount_targets)
        pulumi.export("size", volume.usage_threshold)

    def _subnet(self, of_group: dict[str, Any]) -> tuple[network.Subnet, list[pulumi.Resource]]:
        """A guarded subnet, and the peerings of its network with the hub, one after the other as Azure wants them."""
        space = network.AddressSpaceArgs(address_prefixes=["10.60.0.0/16"])
        mine = network.VirtualNetwork("network", address_space=space, **of_group)
        rule = network.SecurityRuleArgs(
            name="smb",
            priority=200,
            access="Allow",
            direction="Inbound",
            protocol="Tcp",
            source_address_prefix="*",
            source_port_range="*",
            destination_address_prefix="*",
            destination_port_range="445",
        )
        guard = network.NetworkSecurityGroup("guard", security_rules=[rule], **of_group)
        route = network.RouteArgs(name="out", address_prefix="0.0.0.0/0", next_hop_type="Internet")
        table = network.RouteTable("table", routes=[route], **of_group)
        subnet = network.Subnet(
            "anf",
            address_prefix="10.60.1.0/26",
            delegations=[network.DelegationArgs(name="netapp", service_name="Microsoft.Netapp/volumes")],
            network_security_group=network.NetworkSecurityGroupArgs(id=guard.id),
            route_table=network.RouteTableArgs(id=table.id),
            virtual_network_name=mine.name,
            **of_group,
        )
        hub = network.get_virtual_network_output(**HUB)
        pulumi.export("hub", hub.address_space["address_prefixes"])
        pulumi.export("servers", network.get_subnet_output(subnet_name="domain-controllers", **HUB).address_prefix)

        def peering(name: str, remote: Any, after: pulumi.Resource, **of: Any) -> network.VirtualNetworkPeering:
            states = ["peeringState", "peeringSyncLevel"]  # Azure's own, though they can be given
            return network.VirtualNetworkPeering(
                name,
                remote_virtual_network=network.SubResourceArgs(id=remote),
                allow_virtual_network_access=True,
                sync_remote_address_space="true",
                opts=pulumi.ResourceOptions(depends_on=[after], ignore_changes=states),
                **of,
            )

        there = peering("to-hub", hub.id, subnet, virtual_network_name=mine.name, **of_group)
        back = peering("from-hub", mine.id, there, **HUB)
        pulumi.export("peering", back.peering_state)
        return subnet, [there, back]

    def _identity(self, of_group: dict[str, Any], scope: pulumi.Output[str]) -> None:
        identity = managedidentity.UserAssignedIdentity("trident", **of_group)
        managedidentity.FederatedIdentityCredential(
            "trident-controller",
            resource_name_=identity.name,
            issuer="https://kubernetes.default.svc.cluster.local",
            subject="system:serviceaccount:trident:trident-controller",
            audiences=["api://AzureADTokenExchange"],
            **of_group,
        )
        role = authorization.RoleDefinition(
            "trident",
            role_name="Trident",
            permissions=[authorization.PermissionArgs(actions=["Microsoft.NetApp/netAppAccounts/*"], not_actions=[])],
            assignable_scopes=[scope],
            scope=scope,
        )
        assignment = authorization.RoleAssignment(
            "trident",
            role_definition_id=role.id,
            principal_id=identity.principal_id,
            principal_type="ServicePrincipal",
            scope=scope,
        )
        pulumi.export("roles", [role.role_type, role.id, assignment.role_definition_id])


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[SandboxPaths]:
    """A sandbox whose Azure runs, with the default estate and without a control plane."""
    paths = SandboxPaths(tmp_path / "sandbox")
    seed(Store(paths.arm_database), DEFAULT)
    service = Services(paths, [AZURE])
    service.start()
    yield paths
    service.stop()


@pytest.fixture
def stack(paths: SandboxPaths) -> Iterator[automation.Stack]:
    plugins.install_ours(paths, plugins.AZURE_NATIVE)
    one = '[{"name": "sandbox"}]'
    paths.kubeconfig.write_text(f"apiVersion: v1\nkind: Config\nclusters: {one}\nusers: {one}\n")
    with engine(paths, azure_variables(paths)):
        stack = automation.create_or_select_stack("dev", project_name="tryout", program=Program())
        stack.set_config("azure-native:location", automation.ConfigValue("koreasouth"))
        yield stack


def files_with(folder: Path, text: str) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def test_the_life_of_a_stack(stack: automation.Stack, paths: SandboxPaths) -> None:
    up = stack.up()
    assert up.summary.resource_changes == {"create": 16}
    (target,) = up.outputs["mountTargets"].value
    assert target["smbServerFqdn"].lower().startswith("anf-")
    assert target["smbServerFqdn"].lower().endswith(".contoso.com")
    assert target["ipAddress"].startswith("10.60.1.")
    kind, role, assigned = up.outputs["roles"].value
    assert (kind, role) == ("CustomRole", assigned)
    assert (up.outputs["hub"].value, up.outputs["servers"].value) == (["10.40.0.0/16"], "10.40.0.0/24")
    assert up.outputs["peering"].value == "Connected"
    assert up.outputs["nodes"].value.endswith("/virtualNetworks/vnet-aks/subnets/nodes")
    assert up.outputs["client"].value == os.environ["ARM_CLIENT_ID"]
    assert up.outputs["cluster"].value == [True, "Stopped"]  # there is no control plane beside this emulator
    assert b"apiVersion: v1" in base64.b64decode(up.outputs["kubeconfig"].value)
    assert up.outputs["directories"].secret
    assert PASSWORD not in up.stdout
    stack.preview(refresh=True, expect_no_changes=True)

    changed = Program(password=ROTATED, size=200 * GIB, snapshots=3)
    stack.workspace.program = changed
    rotated = stack.up()
    assert rotated.summary.resource_changes == {"same": 13, "update": 3}
    assert rotated.outputs["size"].value == 200 * GIB
    assert rotated.outputs["mountTargets"].value == [target]
    assert ROTATED not in rotated.stdout

    for password in (PASSWORD, ROTATED):
        assert files_with(paths.pulumi_state, password) == []
        assert files_with(paths.logs, password) == []
    assert files_with(paths.pulumi_state, "anf-join") == [], "the whole list is secret, as with the genuine plugin"

    stack.workspace.program = replace(changed, ignored=("activeDirectories",), site="Elsewhere")
    stack.preview(expect_no_changes=True)

    stack.workspace.program = replace(changed, file_path="other")
    with pytest.raises(automation.CommandError, match=r"CreationToken cannot be changed\."):
        stack.up()
    assert stack.destroy().summary.resource_changes == {"delete": 16}
