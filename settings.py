"""A stack's configuration as typed, validated values: every error at once, before anything is registered.

The keys are those of the stack file, in its spelling. The rules of single values are in `components/rules.py`, those
between values in `configuration/consistency.py`.
"""

import contextlib
import dataclasses
import json
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Self

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from components import rules
from components.netapp_account import ActiveDirectoryArgs
from configuration.consistency import inconsistencies
from configuration.errors import Problem, SettingsError, from_pydantic, missing_key, unknown_key
from configuration.sections import (
    AccountSettings,
    ActiveDirectorySettings,
    ClusterSettings,
    Namespace,
    NetworkSettings,
    PoolSettings,
    ResourceGroupSettings,
    SmbDriverSettings,
    SmbUserSettings,
    TimeoutSettings,
    VolumeSettings,
    obeys,
)

PROJECT: Final = "anf-smb"

EXAMPLES: Final = {
    "resourceGroup": "{name: rg-anf-dev}",
    "network": "{virtualNetwork: vnet-anf, addressSpace: 10.40.0.0/16, subnet: anf, subnetPrefix: 10.40.1.0/26}",
    "activeDirectory": "{domain: contoso.com, dnsServers: [10.40.0.4], smbServerName: ANF, username: anf-join}",
    "account": "{name: anf-dev}",
    "pool": "{name: pool-dev, serviceLevel: Standard, sizeTiB: 1}",
    "volumes": "[{name: smb, sizeGiB: 100}]",
    "smbUser": "{domain: CONTOSO, username: svc-web}",
    "cluster": "{aks: {resourceGroup: rg-aks-dev, name: aks-dev}}",
    "name": "smb",
    "sizeGiB": "100",
    "domain": "contoso.com",
    "dnsServers": "[10.40.0.4]",
    "smbServerName": "ANF",
    "username": "svc-web",
    "version": "1.20.3",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """The configuration of a stack: each field is a key of the namespace anf-smb, in camelCase there."""

    resource_group: ResourceGroupSettings
    network: NetworkSettings
    active_directory: ActiveDirectorySettings | None = None
    account: AccountSettings
    pool: PoolSettings
    volumes: Annotated[list[VolumeSettings], Field(min_length=1)]
    volume_concurrency: Annotated[int, obeys(rules.VOLUME_CONCURRENCY)] = 1
    smb_user: SmbUserSettings
    smb_driver: SmbDriverSettings = dataclasses.field(default_factory=SmbDriverSettings)
    cluster: ClusterSettings
    sample_workload: bool = True
    existing_namespaces: list[Namespace] = dataclasses.field(default_factory=list)
    protect: bool = True
    timeouts: TimeoutSettings = dataclasses.field(default_factory=TimeoutSettings)
    active_directory_password: pulumi.Output[str] | None = dataclasses.field(repr=False)
    smb_password: pulumi.Output[str] = dataclasses.field(repr=False)

    @classmethod
    def load(cls) -> Self:
        """Read the stack's configuration. Raises `SettingsError` with everything that is wrong with it."""
        config = _stack_config()
        parts, problems = _sections(cls, config)
        account = parts.get("account")
        joins = not (isinstance(account, AccountSettings) and account.existing)
        secrets = (
            dict(_SECRETS) if joins else {key: _SECRETS[key] for key in _SECRETS if key != "activeDirectoryPassword"}
        )
        for key, rule in secrets.items():
            problems += _secret_problems(f"{PROJECT}:{key}", config.get(key), rule)
        known = {to_camel(field.name) for field in dataclasses.fields(cls)}
        problems += [unknown_key(f"{PROJECT}:{key}", known) for key in config if key not in known]
        azure = pulumi.Config("azure-native")
        problems += _azure_problems(azure.get("location"), azure.get("subscriptionId"))
        problems += inconsistencies(
            parts, _valid_volumes(config.get("volumes")), config.keys(), azure.get("subscriptionId")
        )
        if problems:
            raise SettingsError(problems)
        own = pulumi.Config(PROJECT)
        return cls(
            **parts,
            active_directory_password=own.require_secret("activeDirectoryPassword") if joins else None,
            smb_password=own.require_secret("smbPassword"),
        )

    @property
    def namespaces(self) -> Mapping[str, bool]:
        """The namespaces of the claims, and whether each is there without this stack."""
        there = {*self.existing_namespaces, *rules.NAMESPACES_OF_EVERY_CLUSTER}
        return {volume.namespace: volume.namespace in there for volume in self.volumes}

    @property
    def directory(self) -> ActiveDirectoryArgs | None:
        """The directory that the account joins, with the password of the user who joins it."""
        directory, password = self.active_directory, self.active_directory_password
        if directory is None or password is None:
            return None
        return {
            "domain": directory.domain,
            "dns_servers": directory.dns_servers,
            "username": directory.username,
            "password": password,
            "smb_server_name": directory.smb_server_name,
            "site": directory.site,
            "organizational_unit": directory.organizational_unit,
        }

    @property
    def sample_pods(self) -> Sequence[tuple[VolumeSettings, str]]:
        """The volumes that a sample Pod mounts, and its name: the documentation's for the first."""
        if not self.sample_workload:
            return []
        first, *others = self.volumes
        return [(first, "iis-pod"), *((volume, f"iis-pod-{volume.claim_name}") for volume in others)]


_SECRETS: Final = {"activeDirectoryPassword": rules.DIRECTORY_PASSWORD, "smbPassword": rules.PASSWORD}


def _stack_config() -> dict[str, Any]:
    """Every key of the namespace, those that no one knows included. Objects come as JSON."""
    everything = {**get_config_env(), **CONFIG.get()}
    return {
        key.removeprefix(f"{PROJECT}:"): value for key, value in everything.items() if key.startswith(f"{PROJECT}:")
    }


def _sections(cls: type[Settings], config: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The sections that are right, by field, and what is wrong with the others."""
    parts: dict[str, Any] = {}
    problems: list[Problem] = []
    hints = typing.get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        key = to_camel(field.name)
        full = f"{PROJECT}:{key}"
        if key in _SECRETS:
            continue
        if key not in config:
            if field.default is field.default_factory is dataclasses.MISSING:
                problems.append(missing_key(full, EXAMPLES[key]))
        elif is_config_secret(full):
            mend = f"pulumi config rm {full}, and set it again without --secret"
            problems.append(Problem(full, "is encrypted, but is no secret", "a value that previews can show", mend))
        else:
            try:
                parts[field.name] = TypeAdapter(hints[field.name]).validate_python(_parsed(config[key]), strict=True)
            except ValidationError as error:
                problems += [
                    from_pydantic(full, detail, _keys_at(hints[field.name], detail["loc"]), EXAMPLES)
                    for detail in error.errors(include_url=False)
                ]
    return parts, problems


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _keys_at(hint: Any, location: tuple[int | str, ...]) -> list[str]:
    """The keys of the mapping that the last step of `location` is in."""
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


def _valid_volumes(raw: object) -> dict[int, VolumeSettings]:
    """The volumes that are right each by itself, by their place in the list: the others have been told of."""
    volumes: dict[int, VolumeSettings] = {}
    listed = _parsed(raw)
    for index, volume in enumerate(listed if isinstance(listed, list) else []):
        with contextlib.suppress(ValidationError):
            volumes[index] = VolumeSettings.model_validate(volume)
    return volumes


def _secret_problems(key: str, value: object, rule: rules.Rule[str]) -> list[Problem]:
    """What is wrong with a secret; its value is looked at here, and neither kept nor shown."""
    mend = f"pulumi config set --secret {key} (it asks for the value, and stores it encrypted)"
    if value is None:
        return [Problem(key, "is missing", rule.allowed, mend)]
    problems: list[Problem] = []
    if not is_config_secret(key):
        plain = f"{mend}; then change the password, for whoever could read the file has it"
        problems.append(Problem(key, "stands in plain text", "an encrypted value", plain))
    if not isinstance(value, str) or not rule.holds(value):
        problems.append(Problem(key, "is not a usable password (it is not shown)", rule.allowed, mend))
    return problems


def _azure_problems(location: str | None, subscription: str | None) -> list[Problem]:
    given = {"location": (location, rules.LOCATION), "subscriptionId": (subscription, rules.GUID)}
    problems = [
        Problem(f"azure-native:{key}", f'is "{value}"', rule.allowed, f"pulumi config set azure-native:{key} …")
        for key, (value, rule) in given.items()
        if value is not None and not rule.holds(value)
    ]
    return problems if location else [missing_key("azure-native:location", "koreacentral"), *problems]
