"""Previews of creations and updates: what is known before Azure answers (facts: azure-native 3.29.0)."""

from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.azure_native.values import UNKNOWN, read, write
from tests.plugins.azure_native.arm_resources import ACCOUNT, INPUTS, VOLUME
from tests.plugins.azure_native.fake_azure import FakeAzure
from tests.plugins.azure_native.plugin_process import Plugin, urn

A_VOLUME = {**INPUTS, "subnetId": UNKNOWN, "tags": {"team": "web"}}


def test_inputs_come_back_as_outputs_and_the_rest_is_unknown(plugin: Plugin, azure: FakeAzure) -> None:
    resource_id, outputs = plugin.create(VOLUME, A_VOLUME, preview=True)
    assert resource_id == ""
    for name in ("creationToken", "usageThreshold", "protocolTypes", "tags", "location"):
        assert outputs[name] == A_VOLUME[name]
    for name in ("id", "name", "mountTargets", "provisioningState", "subnetId", "securityStyle", "fileSystemId"):
        assert outputs[name] is UNKNOWN, name
    assert "accountName" not in outputs
    assert azure.requests == []


def test_nested_outputs_of_azure_are_unknown_too(plugin: Plugin) -> None:
    _, outputs = plugin.create(ACCOUNT, {"activeDirectories": [{"domain": "contoso.com"}]}, preview=True)
    (directory,) = outputs["activeDirectories"]
    assert directory["domain"] == "contoso.com"
    assert directory["status"] is UNKNOWN


def test_an_update_keeps_name_and_location_known(plugin: Plugin, azure: FakeAzure) -> None:
    state = {"name": "acct/pool/smb", "location": "koreacentral", "mountTargets": [{"smbServerFqdn": "a.contoso.com"}]}
    outputs = plugin.update(VOLUME, "/id", state, {**A_VOLUME, "usageThreshold": 200 * 1024**3}, preview=True)
    assert (outputs["name"], outputs["location"]) == ("acct/pool/smb", "koreacentral")
    assert outputs["usageThreshold"] == 200 * 1024**3
    assert outputs["mountTargets"] is UNKNOWN
    assert azure.requests == []


def test_secrets_stay_secret(plugin: Plugin) -> None:
    place = ("activeDirectories", 0, "password")
    inputs = write({"activeDirectories": [{"domain": "contoso.com", "password": "S3cret"}]}, [place])
    answer = plugin.stub.Create(provider_pb2.CreateRequest(urn=urn(ACCOUNT, "anf"), properties=inputs, preview=True))
    assert ("activeDirectories",) in read(answer.properties).secrets
