"""Reading a stack's configuration: the valid sections, and the problems of the others."""

import contextlib
import dataclasses
import json
import typing
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from components import rules
from components.rules import directory as directory_rules
from configuration.errors import Problem, from_pydantic, missing_key

PROJECT: Final = "anf-smb"

EXAMPLES: Final = {  # by the whole path of a key; those of schedules by their names
    "resourceGroup": "{name: rg-anf-dev}",
    "network": "{virtualNetworkId: /subscriptions/…/virtualNetworks/vnet-hub, subnet: anf, subnetPrefix: 10.40.1.0/26}",
    "activeDirectory": "{domain: contoso.com, dnsServers: [10.40.0.4], smbServerName: ANF, username: anf-join}",
    "account": "{name: anf-dev}",
    "pools": "[{name: pool-dev, serviceLevel: Standard, sizeTiB: 1}]",
    "volumes": "[{name: smb, sizeGiB: 100}]",
    "smbUser": "{domain: CONTOSO, username: svc-web}",
    "cluster": "{aks: {resourceGroup: rg-aks-dev, name: aks-dev}}",
    "alerts.actionGroupId": (
        "/subscriptions/…/resourceGroups/rg-monitoring/providers/Microsoft.Insights/actionGroups/storage-team"
    ),
    "resourceGroup.name": "rg-anf-dev",
    "account.name": "anf-dev",
    "activeDirectory.domain": "contoso.com",
    "activeDirectory.dnsServers": "[10.40.0.4]",
    "activeDirectory.smbServerName": "ANF",
    "activeDirectory.username": "anf-join",
    "pools[].name": "pool-dev",
    "volumes[].name": "smb",
    "volumes[].backup.vaultId": (
        "/subscriptions/…/resourceGroups/rg-anf-dev/providers/Microsoft.NetApp/netAppAccounts/anf-dev/backupVaults/vault"
    ),
    "dynamicClaims[].name": "smb-dynamic",
    "dynamicClaims[].sizeGiB": "100",
    "snapshotPolicies[].name": "daily",
    "snapshotsToKeep": "7",
    "minute": "0",
    "hour": "1",
    "day": "Sunday",
    "daysOfMonth": '"1"',
    "smbUser.domain": "CONTOSO",
    "smbUser.username": "svc-web",
    "cluster.aks.resourceGroup": "rg-aks-dev",
    "cluster.aks.name": "aks-dev",
}

SECRETS: Final = {
    "activeDirectoryPassword": directory_rules.DIRECTORY_PASSWORD,
    "smbPassword": directory_rules.PASSWORD,
    "tridentClientSecret": directory_rules.PASSWORD,
}

Listed = TypeVar("Listed", bound=BaseModel)


def stack_config(namespace: str = PROJECT) -> dict[str, Any]:
    """Return every key of a namespace, including unknown ones. Objects are JSON text."""
    everything = {**get_config_env(), **CONFIG.get()}
    return {
        key.removeprefix(f"{namespace}:"): value for key, value in everything.items() if key.startswith(f"{namespace}:")
    }


def sections(cls: type[Any], config: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the valid sections by field, and the problems of the others."""
    parts: dict[str, Any] = {}
    problems: list[Problem] = []
    hints = typing.get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        key = to_camel(field.name)
        full = f"{PROJECT}:{key}"
        if key in SECRETS:
            continue
        if key not in config:
            if field.default is field.default_factory is dataclasses.MISSING:
                problems.append(missing_key(full, EXAMPLES[key]))
        elif is_config_secret(full):
            fix = f"pulumi config rm {full}, then set it again without --secret"
            problems.append(
                Problem(full, "is encrypted, but this key is not a secret", "a plain value, which previews show", fix)
            )
        else:
            try:
                parts[field.name] = TypeAdapter(hints[field.name]).validate_python(parsed(config[key]), strict=True)
            except ValidationError as error:
                problems += [
                    from_pydantic(full, detail, _keys_at(hints[field.name], detail["loc"]), EXAMPLES)
                    for detail in error.errors(include_url=False)
                ]
    return parts, problems


def parsed(value: Any) -> Any:
    """Return an object of the configuration, which is JSON text; other text as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _keys_at(hint: Any, location: tuple[int | str, ...]) -> list[str]:
    """Return the keys of the mapping that contains the last step of `location`."""
    model = _model_in(hint)
    for step in location[:-1]:
        if model and isinstance(step, str):
            fields = {field.alias: field for field in model.model_fields.values()}
            model = _model_in(fields[step].annotation) if step in fields else None
    return [field.alias or "" for field in model.model_fields.values()] if model else []


def _model_in(hint: Any) -> type[BaseModel] | None:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    return next((model for part in typing.get_args(hint) if (model := _model_in(part))), None)


def valid(section: type[Listed], raw: object) -> dict[int, Listed]:
    """Return the valid entries of a list by their index; `sections` reports the others."""
    entries: dict[int, Listed] = {}
    listed = parsed(raw)
    for index, entry in enumerate(listed if isinstance(listed, list) else []):
        with contextlib.suppress(ValidationError):
            entries[index] = section.model_validate(entry)
    return entries


def secret_problems(key: str, value: object, rule: rules.Rule[str]) -> list[Problem]:
    """Return the problems of a secret. Its value is checked here, but neither kept nor shown."""
    fix = f"pulumi config set --secret {key} (it prompts for the value and encrypts it)"
    if value is None:
        return [Problem(key, "is missing", rule.allowed, fix)]
    problems: list[Problem] = []
    if not is_config_secret(key):
        plain = f"{fix}; then change the password or secret itself: the file exposed it"
        problems.append(Problem(key, "is in plain text", "an encrypted value", plain))
    if not isinstance(value, str) or not rule.holds(value):
        problems.append(Problem(key, "is invalid (its value is not shown)", rule.allowed, fix))
    return problems


def azure_problems(location: str | None, subscription: str | None) -> list[Problem]:
    """Return the problems of the azure-native keys that the program uses."""
    given = {"location": (location, rules.LOCATION), "subscriptionId": (subscription, rules.GUID)}
    problems = [
        Problem(f"azure-native:{key}", f'is "{value}"', rule.allowed, f"pulumi config set azure-native:{key} …")
        for key, (value, rule) in given.items()
        if value is not None and not rule.holds(value)
    ]
    return problems if location else [missing_key("azure-native:location", "koreacentral"), *problems]
