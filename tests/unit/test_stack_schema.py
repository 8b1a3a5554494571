"""The JSON schema by which editors complete and check a stack file: it accepts what the program accepts."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.unit.unit_mocks import PROJECT
from tools.diagrams import PAGES

FILE = PROJECT / "docs" / "stack.schema.json"
STACKS = [
    *PROJECT.glob("Pulumi.*.yaml"),
    *(PROJECT / "examples" / way / "Pulumi.dev.yaml" for way in ("static", "dynamic")),
]
DEV: dict[str, Any] = yaml.safe_load((PROJECT / "Pulumi.dev.yaml").read_text())["config"]


def errors(config: dict[str, Any]) -> list[str]:
    schema = json.loads(FILE.read_text())
    found = jsonschema.Draft202012Validator(schema).iter_errors({"config": config})
    return [f"{error.json_path}: {error.message}" for error in found]


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: f"{stack.parent.name}/{stack.name}")
def test_every_stack_file_names_the_schema_and_holds_to_it(stack: Path) -> None:
    first, _, rest = stack.read_text().partition("\n")
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (stack.parent / named).resolve() == FILE
    assert errors(yaml.safe_load(rest)["config"]) == []


def test_every_key_is_described() -> None:
    schema = json.loads(FILE.read_text())
    sections = [schema["properties"]["config"], *schema["$defs"].values()]
    assert len(sections) > 12
    assert [name for each in sections for name, key in each["properties"].items() if not key.get("description")] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"anf-smb:pools": [{"name": "pool-dev", "serviceLevel": "Gold", "sizeTiB": 1}]}, "'Gold' is not one of"),
        (
            {"anf-smb:pools": [{"name": "pool-dev", "serviceLevel": "Standard", "sizeTiB": "1"}]},
            "is not of type 'integer'",
        ),
        ({"anf-smb:volumes": [{"name": "smb", "sizeGiB": 10}]}, "10 is less than the minimum of 50"),
        ({"anf-smb:volumes": [{"name": "smb", "sizeGib": 100}]}, "'sizeGib' was unexpected"),
        ({"anf-smb:smbUsers": {"domain": "CONTOSO"}}, "anf-smb:smbUsers"),
        ({"anf-smb:smbPassword": "in plain text"}, "is not of type 'object'"),
    ],
)
def test_a_wrong_stack_file_is_marked(changes: dict[str, Any], said: str) -> None:
    assert any(said in error for error in errors(DEV | changes))
    assert errors(DEV) == []


def test_the_page_has_a_table_for_each_section() -> None:
    page = PAGES[PROJECT / "docs" / "configuration.md"]
    text = (PROJECT / "docs" / "configuration.md").read_text()
    assert page is not None
    for key in ("resourceGroup", "network", "account", "pools, a list", "volumes, a list", "trident", "timeouts"):
        assert f"## anf-smb:{key}\n" in text
