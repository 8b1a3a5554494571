"""A resource that a plugin has made, as the engine goes about it."""

from dataclasses import dataclass
from typing import Any

from tests.plugins.azure_native.plugin_process import Plugin


@dataclass
class Deployed:
    """A resource as the engine's state has it."""

    token: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


def deploy(plugin: Plugin, token: str, name: str, news: dict[str, Any]) -> Deployed:
    inputs, failures = plugin.check(token, name, news, randomSeed=name.encode())
    assert failures == []
    resource_id, outputs = plugin.create(token, inputs)
    return Deployed(token, resource_id, inputs, outputs)
