"""The types against the classes of the SDK that the program uses, as Python has them once they are imported."""

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from pulumi._types import input_type_py_to_pulumi_names

from sandbox.plugins.azure_native.schema import Property, ResourceType, writable
from sandbox.plugins.azure_native.types import FUNCTIONS, RESOURCES, function, resource_type


def module_of(token: str) -> ModuleType:
    return importlib.import_module(f"pulumi_azure_native.{token.split(':')[1]}")


def row_of(token: str) -> ResourceType:
    row = resource_type(token)
    assert row is not None
    return row


def arguments_of(token: str) -> type:
    name = token.split(":")[2]
    module = importlib.import_module(getattr(module_of(token), name).__module__)
    return getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")


def output_names(outputs: type) -> set[str]:
    members = {name: member for name, member in vars(outputs).items() if isinstance(member, property)}
    return {getattr(member.fget, "_pulumi_name", name) for name, member in members.items()}


@pytest.mark.parametrize("token", RESOURCES)
def test_a_type_has_the_inputs_outputs_objects_and_version_of_the_sdks_class(token: str) -> None:
    row = row_of(token)
    assert {*row.inputs, *row.parameters} == {*input_type_py_to_pulumi_names(arguments_of(token)).values()}
    resource = getattr(module_of(token), token.split(":")[2])
    answered = {name for name, prop in row.properties.items() if not prop.query}
    assert {*answered, "azureApiVersion"} - {"id"} == output_names(resource) - {"id"}
    source = inspect.getsource(importlib.import_module(resource.__module__))
    assert f"Uses Azure REST API version {row.api_version}." in source
    assert [*mismatches(module_of(token), arguments_of(token), row.properties)] == []


def mismatches(module: ModuleType, arguments: type, fields: Mapping[str, Property]) -> Iterator[str]:
    """Objects whose properties are not those of the SDK's class; what Azure alone sets may be the SDK's input too."""
    to_python = {pulumi_name: name for name, pulumi_name in input_type_py_to_pulumi_names(arguments).items()}
    annotations = inspect.signature(arguments.__init__).parameters
    for name, prop in writable(fields).items():
        inner = prop.items if prop.kind == "array" and prop.items is not None else prop
        if inner.kind != "object":
            continue
        words = re.findall(r"\w+", str(annotations[to_python[name]].annotation))
        nested = next(getattr(module, word) for word in words if word.endswith("Args"))
        names = {*input_type_py_to_pulumi_names(nested).values()}
        if not {*writable(inner.fields)} <= names <= {*inner.fields}:
            yield f"{name}: {sorted(inner.fields)}, not {sorted(names)}"
        yield from (f"{name}.{found}" for found in mismatches(module, nested, inner.fields))


@pytest.mark.parametrize(
    ("token", "path", "expected"),
    [
        ("netapp:CapacityPool", "size", Property("integer", required=True, default=4 * 1024**4)),
        ("netapp:CapacityPool", "encryptionType", Property("string", replaces=True, default="Single")),
        ("netapp:CapacityPoolVolume", "protocolTypes[]", Property("string")),
        ("netapp:CapacityPoolVolume", "actualThroughputMibps", Property("number", read_only=True)),
        ("netapp:Account", "location", Property("string", required=True, replaces=True)),
        ("netapp:Account", "tags[]", Property("string")),
        ("netapp:Account", "identity.type", Property("string", required=True)),
        ("netapp:Account", "identity.userAssignedIdentities", Property("set")),
        ("netapp:Account", "activeDirectories[].password", Property("string", max_length=64)),
        ("netapp:Account", "activeDirectories[].status", Property("string", read_only=True)),
        ("network:VirtualNetwork", "location", Property("string", replaces=True)),
        ("network:VirtualNetwork", "subnets[].routeTable", Property("any")),
        ("network:VirtualNetwork", "subnets[].delegations[].etag", Property("string", read_only=True)),
        ("network:VirtualNetwork", "virtualNetworkPeerings[].peeringState", Property("string")),
        ("network:Subnet", "networkSecurityGroup", Property("any")),
        ("network:VirtualNetworkPeering", "remoteVirtualNetwork.id", Property("string")),
        ("network:VirtualNetworkPeering", "peeringState", Property("string")),
        ("network:VirtualNetworkPeering", "syncRemoteAddressSpace", Property("string", query=True)),
        ("network:NetworkSecurityGroup", "securityRules[].priority", Property("integer")),
        ("network:RouteTable", "routes[].nextHopType", Property("string", required=True)),
        ("monitor:MetricAlert", "criteria.odataType", Property("string", required=True, wire="odata.type")),
        ("authorization:RoleDefinition", "roleType", Property("string", wire="type")),
    ],
)
def test_what_the_sdk_tells_and_what_the_tables_add_come_together(token: str, path: str, expected: Property) -> None:
    fields, found = row_of(f"azure-native:{token}").properties, None
    for step in path.split("."):
        found = fields[step.removesuffix("[]")]
        if step.endswith("[]"):
            assert found.items is not None
            found = found.items
        fields = found.fields
    assert found is not None
    assert replace(found, container=()) == expected


def test_all_but_the_envelope_is_within_properties() -> None:
    fields = row_of("azure-native:network:VirtualNetwork").properties
    subnets = fields["subnets"]
    assert (fields["location"].container, subnets.container) == ((), ("properties",))
    assert subnets.items is not None
    assert subnets.items.fields["name"].container == ()
    assert subnets.items.fields["addressPrefix"].container == ("properties",)
    directories = row_of("azure-native:netapp:Account").properties["activeDirectories"].items
    assert directories is not None
    assert directories.fields["domain"].container == ()
    peering = fields["virtualNetworkPeerings"].items
    assert peering is not None
    assert (peering.fields["name"].container, peering.fields["peeringState"].container) == ((), ("properties",))


@pytest.mark.parametrize("token", FUNCTIONS)
def test_a_function_is_the_sdks(token: str) -> None:
    row = function(token)
    assert row is not None
    python_name = "".join(f"_{char.lower()}" if char.isupper() else char for char in token.split(":")[2])
    module = importlib.import_module(getattr(module_of(token), python_name).__module__)
    result: Any = next(
        value for name, value in vars(module).items() if name.lower() == f"{token.split(':')[2]}Result".lower()
    )
    assert {*row.properties} == output_names(result) - {"azureApiVersion"}
    source = inspect.getsource(module)
    assert f"'{token}'" in source
    assert f"Uses Azure REST API version {row.api_version}." in source
    parameters = [part[1:-1] for part in row.path.split("/") if part.startswith("{") and part != "{subscriptionId}"]
    for name in (*parameters, *row.query):
        assert f"__args__['{name}']" in source
