"""Stack configurations with changes, in the engine's form, and the settings or errors for them."""

import contextvars
import json
from collections.abc import Mapping
from typing import Any

import pytest
from pulumi.runtime import set_all_config

from configuration.errors import SettingsError
from settings import Settings
from tests.unit.unit_mocks import committed, own_loop

JOIN, MOUNT, TRIDENT = "join-Pa55word", "mount-Pa55word", "trident-5ecret"
SECRETS = {
    "anf-smb:activeDirectoryPassword": JOIN,
    "anf-smb:smbPassword": MOUNT,
    "anf-smb:tridentClientSecret": TRIDENT,
}
DEV = committed("dev")


def load(
    changes: Mapping[str, Any] | None = None, secret_keys: list[str] | None = None, stack: str = "dev"
) -> Settings:
    """Return the settings of a stack file in the engine's form; `changes` by full key, None removes a key."""
    config = {
        key: value for key, value in (committed(stack) | SECRETS | dict(changes or {})).items() if value is not None
    }
    flat = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}

    def isolated() -> Settings:
        set_all_config(flat, list(SECRETS) if secret_keys is None else secret_keys)
        with own_loop():  # a secret is an Output, which belongs to a loop
            return Settings.load()

    return contextvars.copy_context().run(isolated)


def errors(changes: Mapping[str, Any], secret_keys: list[str] | None = None) -> dict[str, str]:
    """Return the problems by key."""
    with pytest.raises(SettingsError) as raised:
        load(changes, secret_keys)
    return {problem.key: str(problem) for problem in raised.value.problems}
