"""Every problem of a stack's configuration, found at once: of single keys, of secrets, and between sections."""

import dataclasses
from typing import Any

import pulumi
from pydantic.alias_generators import to_camel

from configuration.consistency import inconsistencies
from configuration.errors import SettingsError, unknown_key
from configuration.kubernetes import DynamicClaimSettings
from configuration.pools import PoolSettings, single_pool
from configuration.reading import (
    PROJECT,
    SECRETS,
    azure_problems,
    parsed,
    secret_problems,
    sections,
    stack_config,
    valid,
)
from configuration.secrets import needed_secrets
from configuration.snapshots import SnapshotPolicySettings
from configuration.volumes import VolumeSettings


def checked(cls: type[Any]) -> tuple[dict[str, Any], set[str]]:
    """Return the valid sections of the stack's configuration by field of `cls`, and the keys of the needed secrets.

    Raises:
        SettingsError: with every error in the configuration.

    """
    config = stack_config()
    parts, problems = sections(cls, config)
    needed = needed_secrets(parts)
    for key, rule in SECRETS.items():
        if key in needed or key in config:
            problems += secret_problems(f"{PROJECT}:{key}", config.get(key), rule)
    known = {to_camel(field.name) for field in dataclasses.fields(cls)}
    problems += [unknown_key(f"{PROJECT}:{key}", known) for key in config if key not in known | {"pool"}]
    if "pool" in config:
        problems = [problem for problem in problems if problem.key != f"{PROJECT}:pools"]
        problems.append(single_pool(parsed(config["pool"])))
    azure = pulumi.Config("azure-native")
    problems += azure_problems(azure.get("location"), azure.get("subscriptionId"))
    pools = valid(PoolSettings, config.get("pools"))
    volumes = valid(VolumeSettings, config.get("volumes"))
    claims = valid(DynamicClaimSettings, config.get("dynamicClaims"))
    policies = valid(SnapshotPolicySettings, config.get("snapshotPolicies"))
    problems += inconsistencies(parts, pools, volumes, claims, policies, config.keys(), azure.get("subscriptionId"))
    if problems:
        raise SettingsError(problems)
    return parts, needed
