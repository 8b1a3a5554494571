"""docs/configuration.md: every key of a stack file, in tables generated from its JSON schema."""

import json
from typing import Any

from tools.stack_schema import Schema, stack_schema

_KINDS = {"boolean": "true or false", "integer": "whole number", "string": "text", "object": "mapping"}


def configuration_page(generated: str) -> str:
    """Return the page."""
    schema = stack_schema()
    config = schema["properties"]["config"]
    tables = [_table(config, "anf-smb:")]
    for key, described in config["properties"].items():
        tables += _section(schema, key, described, set())
    return "\n".join([generated, "", _INTRODUCTION, "", *tables])


_INTRODUCTION = """# Configuration

Every key of a stack file (`Pulumi.<stack>.yaml`, below `config:`). `pulumi up` checks all of them before it registers
anything, and reports every error at once. `azure-native:location` is required as well; `azure-native:subscriptionId`
names the subscription. Editors complete and check the keys by `docs/stack.schema.json`, which the first line of each
committed stack file names."""


def _section(schema: Schema, key: str, described: Schema, seen: set[str]) -> list[str]:
    reference = described.get("$ref") or described.get("items", {}).get("$ref")
    if not reference or reference in seen:
        return []
    seen.add(reference)
    definition = schema["$defs"][reference.rpartition("/")[2]]
    listed = ", a list" if "items" in described else ""
    tables = [f"## {key}{listed}\n", f"{described['description']}\n", _table(definition)]
    for name, inner in definition["properties"].items():
        tables += _section(schema, f"{key}.{name}", inner, seen)
    return tables


def _table(definition: Schema, prefix: str = "") -> str:
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for name, described in definition["properties"].items():
        default = "required" if name in definition.get("required", []) else _default(described)
        meaning = _cell(described["description"])
        if allowed := described.get("x-allowed"):
            meaning += f" Allowed: {_cell(allowed)}."
        rows.append(f"| `{name.removeprefix(prefix)}` | {_kind(described)} | {default} | {meaning} |")
    return "\n".join([*rows, ""])


def _kind(described: Schema) -> str:
    if "items" in described:
        return "list"
    if described.get("required") == ["secure"]:
        return "secret"
    return _KINDS.get(str(described.get("type", "object")), "any")


def _default(described: Schema) -> str:
    value: Any = described.get("default", ...)
    return "" if value is ... or value in ({}, []) else f"`{json.dumps(value)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
