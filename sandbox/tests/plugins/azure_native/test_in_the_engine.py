"""The plugin in the genuine engine: what ends up in the state, and what the engine makes of its answers."""

import os
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_azure_native as azure_native
import pytest
from pulumi import automation

from sandbox.paths import SandboxPaths
from sandbox.plugins import installation as plugins
from sandbox.tools import ensure

PASSWORD = "J0in-the-domain!"
ROTATED = "an0ther-Passw0rd"


def program(
    password: str, ignored: list[str] | None = None, site: str = "Default-First-Site-Name"
) -> Callable[[], None]:
    """A resource group and an account with its directory."""

    def run() -> None:
        group = azure_native.resources.ResourceGroup("anf")
        directory = azure_native.netapp.ActiveDirectoryArgs(
            domain="contoso.com",
            dns="10.40.0.4",
            site=site,
            smb_server_name="ANF",
            username="anf-join",
            password=pulumi.Output.secret(password),
        )
        account = azure_native.netapp.Account(
            "anf",
            resource_group_name=group.name,
            active_directories=[directory],
            opts=pulumi.ResourceOptions(ignore_changes=ignored),
        )
        pulumi.export("accountName", account.name)
        pulumi.export("directories", account.active_directories)

    return run


@pytest.fixture
def stack(
    paths: SandboxPaths, emulator_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> automation.Stack:
    plugins.install_ours(paths, plugins.AZURE_NATIVE)
    paths.pulumi_state.mkdir(exist_ok=True)
    tools = ensure(["pulumi"]).path("pulumi").parent
    variables = {
        **emulator_environment,
        "PULUMI_HOME": str(paths.pulumi_home),
        "PULUMI_BACKEND_URL": paths.pulumi_state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "not a secret",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    stack = automation.create_or_select_stack("dev", project_name="tryout", program=program(PASSWORD))
    stack.set_config("azure-native:location", automation.ConfigValue("koreasouth"))
    return stack


def files_with(folder: Path, text: str) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def test_a_password_is_never_plaintext_and_never_a_difference(stack: automation.Stack, paths: SandboxPaths) -> None:
    up = stack.up()
    assert up.summary.resource_changes == {"create": 3}
    assert up.outputs["directories"].secret
    assert PASSWORD not in up.stdout
    stack.preview(refresh=True, expect_no_changes=True)

    stack.workspace.program = program(ROTATED)
    rotated = stack.up()
    assert rotated.summary.resource_changes == {"same": 2, "update": 1}
    assert ROTATED not in rotated.stdout

    for password in (PASSWORD, ROTATED):
        assert files_with(paths.pulumi_state, password) == []
        assert files_with(paths.logs, password) == []
    assert files_with(paths.pulumi_state, "anf-join") == [], "the whole list is secret, as with the genuine plugin"

    stack.workspace.program = program(ROTATED, ["activeDirectories"], site="Elsewhere")
    stack.preview(expect_no_changes=True)
