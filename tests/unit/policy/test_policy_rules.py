"""Each rule of the policy pack: resources that it allows, and the messages for those that it reports."""

import json
from typing import Any

import pytest
import yaml
from pulumi_policy import (
    EnforcementLevel,
    PolicyCustomTimeouts,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from share_policies import POLICIES
from tests.unit.unit_mocks import PROJECT, dev

CONFIGURATION: dict[str, dict[str, Any]] = json.loads((PROJECT / "policy" / "configuration.json").read_text())
RULES = {policy.name: policy for policy in POLICIES if isinstance(policy, ResourceValidationPolicy)}


def violations(
    rule: str,
    resource_type: str,
    properties: dict[str, Any],
    *,
    protect: bool = False,
    stack: str = "prod",
    config: dict[str, Any] | None = None,
    name: str = "it",
) -> list[str]:
    """Return the messages of a rule for a resource."""
    said: list[str] = []
    timeouts = PolicyCustomTimeouts(0, 0, 0)
    args = ResourceValidationArgs(
        resource_type,
        unknown_checking_proxy(properties),
        f"urn:pulumi:{stack}::anf-smb::{resource_type}::{name}",
        name,
        PolicyResourceOptions(protect, [], None, [], timeouts, []),
        None,
        config,
    )

    def report(message: str, _: str | None = None) -> None:
        said.append(message)

    RULES[rule].validate(args, report)
    return said


VOLUME = "azure-native:netapp:CapacityPoolVolume"


@pytest.mark.parametrize(
    "token",
    [
        "azure-native:resources:ResourceGroup",
        "azure-native:network:VirtualNetwork",
        "azure-native:network:Subnet",
        "azure-native:netapp:Account",
        "azure-native:netapp:CapacityPool",
        "azure-native:netapp/v20250101:CapacityPoolVolume",
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:PersistentVolume",
        "kubernetes:core/v1:PersistentVolumeClaim",
    ],
)
def test_what_holds_data_or_stands_around_it_is_protected(token: str) -> None:
    assert violations("protected-data", token, {}, protect=True) == []
    (message,) = violations("protected-data", token, {}, protect=False)
    assert "'it' of stack 'prod' is not protected. Set anf-smb:protect to true." in message


def test_a_disposable_stack_needs_no_protection() -> None:
    disposable = {"disposableStacks": ["dev"]}
    assert violations("protected-data", VOLUME, {}, stack="dev", config=disposable) == []
    assert violations("protected-data", VOLUME, {}, stack="prod", config=disposable)


def test_what_holds_no_data_needs_no_protection() -> None:
    for token in ("kubernetes:core/v1:Pod", "kubernetes:core/v1:Secret", "kubernetes:core/v1:PersistentVolumePatch"):
        assert violations("protected-data", token, {}) == []


def test_a_volume_is_cifs_with_security_style_ntfs() -> None:
    assert violations("smb-volumes", VOLUME, {"protocolTypes": ["CIFS"], "securityStyle": "ntfs"}) == []
    both = violations("smb-volumes", VOLUME, {"protocolTypes": ["CIFS", "NFSv3"], "securityStyle": "unix"})
    assert [message.split(";")[0] for message in both] == [
        "protocolTypes of 'it' is ['CIFS', 'NFSv3']",
        "securityStyle of 'it' is 'unix'",
    ]
    assert len(violations("smb-volumes", VOLUME, {})) == 2


def test_the_subnet_is_delegated_to_azure_netapp_files_alone() -> None:
    def delegated(*services: str) -> list[str]:
        delegations = [{"name": service, "serviceName": service} for service in services]
        return violations("delegated-subnet", "azure-native:network:Subnet", {"delegations": delegations})

    assert delegated("Microsoft.NetApp/volumes") == []
    assert delegated("Microsoft.Netapp/volumes") == []
    assert "'it' is delegated to nothing" in delegated()[0]
    assert "Microsoft.Web/serverFarms" in delegated("Microsoft.NetApp/volumes", "Microsoft.Web/serverFarms")[0]


def test_resources_are_in_approved_regions() -> None:
    approved = {"regions": ["koreacentral"]}
    for location in ("koreacentral", "Korea Central"):
        assert violations("approved-regions", VOLUME, {"location": location}, config=approved) == []
    (message,) = violations("approved-regions", VOLUME, {"location": "westeurope"}, config=approved)
    assert "'it' is in 'westeurope'; approved regions are koreacentral" in message
    alert = "azure-native:monitor:MetricAlert"
    assert violations("approved-regions", alert, {"location": "global"}, config=approved) == []
    assert violations("approved-regions", VOLUME, {"location": "westeurope"}) == []
    assert violations("approved-regions", VOLUME, {"location": UNKNOWN_STRING_VALUE}, config=approved) == []


def test_persistent_volumes_retain() -> None:
    def reclaimed(policy: str | None) -> list[str]:
        spec = {"persistentVolumeReclaimPolicy": policy} if policy else {}
        return violations("persistent-volumes-retain", "kubernetes:core/v1:PersistentVolume", {"spec": spec})

    assert reclaimed("Retain") == reclaimed(None) == []
    assert reclaimed("Delete") == ["'it' has persistentVolumeReclaimPolicy 'Delete'; it must be 'Retain'."]


def test_storage_classes_retain_unless_deletion_is_allowed() -> None:
    def reclaimed(policy: str | None, *allowed: str) -> list[str]:
        properties = {"metadata": {"name": "anf-sc-smb"}} | ({"reclaimPolicy": policy} if policy else {})
        config = {"allowDelete": [*allowed]}
        token = "kubernetes:storage.k8s.io/v1:StorageClass"
        return violations("storage-classes-retain", token, properties, config=config)

    assert reclaimed("Retain") == []
    assert reclaimed("Delete", "anf-sc-smb") == []
    assert "StorageClass 'anf-sc-smb' has reclaimPolicy 'Delete'" in reclaimed("Delete", "another")[0]
    assert reclaimed(None) == reclaimed("Delete")  # Kubernetes' own default
    assert RULES["storage-classes-retain"].enforcement_level is EnforcementLevel.ADVISORY


CONTAINER = {"name": "web", "env": [{"name": "SMB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "fast"}]}
REFERENCE = {"name": "SMB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "smbcreds", "key": "password"}}}


@pytest.mark.parametrize(
    ("resource_type", "properties", "place"),
    [
        ("helm.sh/v3:Release", {"values": {"a": [{"clientSecret": "x"}]}}, "values.a[0].clientSecret"),
        ("helm.sh/v3:Release", {"values": {"adminPassword": UNKNOWN_STRING_VALUE}}, "values.adminPassword"),
        ("core/v1:ConfigMap", {"data": {"SMB-PASSWORD": "x"}}, "data.SMB-PASSWORD"),
        ("core/v1:Pod", {"spec": {"containers": [CONTAINER]}}, "env SMB_PASSWORD of container web"),
        ("apps/v1:Deployment", {"spec": {"template": {"spec": {"initContainers": [CONTAINER]}}}}, "env SMB_PASSWORD"),
        ("trident.netapp.io/v1:TridentBackendConfig", {"spec": {"clientSecret": "x"}}, "spec.clientSecret"),
    ],
)
def test_a_secret_in_plain_text_is_refused_without_repeating_it(
    resource_type: str, properties: dict[str, Any], place: str
) -> None:
    (message,) = violations("no-plaintext-secrets", f"kubernetes:{resource_type}", properties)
    assert message.startswith(place)
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("resource_type", "properties"),
    [
        ("helm.sh/v3:Release", {"values": {"existingSecret": "a-name", "imagePullSecrets": ["a-name"], "token": ""}}),
        ("helm.sh/v3:Release", {"values": {"cloudIdentity": UNKNOWN_STRING_VALUE, "tokenSeconds": 3600}}),
        ("core/v1:Secret", {"stringData": {"password": "x"}}),
        ("core/v1:Pod", {"spec": {"containers": [{"name": "web", "env": [REFERENCE]}]}}),
        ("trident.netapp.io/v1:TridentBackendConfig", {"spec": {"credentials": {"name": "backend-tbc-anf-secret"}}}),
    ],
)
def test_references_to_secrets_pass(resource_type: str, properties: dict[str, Any]) -> None:
    assert violations("no-plaintext-secrets", f"kubernetes:{resource_type}", properties) == []


@pytest.mark.parametrize(("version", "passes"), [("1.20.3", True), ("v1.20.3", True), ("^1.20", False), (None, False)])
def test_charts_are_pinned(version: str | None, passes: bool) -> None:
    said = violations("pinned-charts", "kubernetes:helm.sh/v3:Release", {"version": version} if version else {})
    assert (said == []) is passes
    assert passes or f"'{version or 'latest'}'" in said[0]


def test_roles_name_their_actions() -> None:
    def defined(*actions: str) -> list[str]:
        properties = {"permissions": [{"actions": [*actions]}]}
        return violations("least-privilege", "azure-native:authorization:RoleDefinition", properties)

    assert defined("Microsoft.NetApp/netAppAccounts/capacityPools/read") == []
    assert defined("Microsoft.NetApp/*") == ["actions of 'it' has 'Microsoft.NetApp/*': name each action."]


def test_no_broad_role_is_assigned() -> None:
    def assigned(role: str) -> list[str]:
        role_id = f"/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/{role}"
        token = "azure-native:authorization:RoleAssignment"
        return violations("least-privilege", token, {"roleDefinitionId": role_id})

    assert assigned("acdd72a7-3385-48ef-bd42-f606fba81ae7") == []
    assert "'it' assigns Contributor" in assigned("b24988ac-6180-42a0-ab88-20f7382dd24c")[0]


def test_no_service_gets_a_public_address() -> None:
    def served(kind: str, **annotations: str) -> list[str]:
        named = {key.replace("_", "-"): value for key, value in annotations.items()}
        marks = {f"service.beta.kubernetes.io/{key}": value for key, value in named.items()}
        properties = {"metadata": {"annotations": marks}, "spec": {"type": kind}}
        return violations("private-services", "kubernetes:core/v1:Service", properties)

    assert served("ClusterIP") == served("LoadBalancer", azure_load_balancer_internal="true") == []
    assert "would get a public address" in served("LoadBalancer")[0]


def test_stack_dev_passes_as_committed() -> None:
    said = {
        f"{resource.type} {resource.name} {rule}: {message}"
        for resource in dev().monitor.registered
        for rule in RULES
        for message in violations(
            rule,
            resource.type,
            dict(resource.inputs),
            protect=resource.request.protect,
            stack="dev",
            config=CONFIGURATION.get(rule),
            name=resource.name,
        )
    }
    assert said == set()


def test_the_pack_is_configured_by_names_that_it_has() -> None:
    for rule, settings in CONFIGURATION.items():
        schema = RULES[rule].config_schema
        assert schema
        assert set(settings) <= set(schema.properties)


def test_every_stack_is_in_an_approved_region() -> None:
    regions = CONFIGURATION["approved-regions"]["regions"]
    for file in PROJECT.glob("Pulumi.*.yaml"):
        assert yaml.safe_load(file.read_text())["config"]["azure-native:location"] in regions, file.name


def test_every_rule_is_in_the_documentation_with_its_level() -> None:
    rows = (PROJECT / "docs" / "policy.md").read_text().splitlines()
    for rule in POLICIES:
        assert rule.enforcement_level
        level = rule.enforcement_level.value
        assert [row for row in rows if row.startswith(f"| `{rule.name}` | {level} |")], rule.name


def test_the_packs_own_environment_is_that_of_the_sandbox() -> None:
    def pinned(file: str) -> set[str]:
        return {line for line in (PROJECT / file).read_text().splitlines() if line.startswith("pulumi")}

    assert pinned("policy/requirements.txt") <= pinned("requirements.txt") | pinned("requirements-sandbox.txt")
