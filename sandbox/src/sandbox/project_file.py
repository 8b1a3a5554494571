"""`sandbox.yaml`: what the sandbox must know of the program beside it.

```yaml
secrets:                                    # configuration that stacks get in the sandbox, where they do not have it
  my-program:password: {value: password}    # a made-up password
  my-program:clientSecret:                  # the client secret of the sandbox's app registration
    value: appRegistration
    when: {"my-program:login": {authentication: clientSecret}}   # only for stacks whose configuration has this
estate: []                                  # what is in Azure before the program runs: sandbox.estate.description
```
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.errors import SandboxError
from sandbox.estate.description import DEFAULT, DescriptionError, Subscription, parse
from sandbox.paths import PROJECT_FILE

PASSWORD: Final = "password"  # noqa: S105  the name of a kind of secret
APP_REGISTRATION: Final = "appRegistration"
_KEYS: Final = ("secrets", "estate")
_VALUES: Final = (PASSWORD, APP_REGISTRATION)


@dataclass(frozen=True)
class StackSecret:
    """A secret that a stack gets in the sandbox. `value` is `password` or `appRegistration`."""

    key: str
    value: str
    when: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Configuration keys and what they must hold, for mappings at the least."""

    def applies_to(self, config: Mapping[str, Any]) -> bool:
        """Return whether a stack needs it: the stack has other keys of its namespace, and what `when` names."""
        namespace = f"{self.key.partition(':')[0]}:"
        if not any(str(key).startswith(namespace) for key in config):
            return False
        return all(_holds(config.get(key), wanted) for key, wanted in self.when.items())


def stack_secrets(folder: Path) -> list[StackSecret]:
    """Return the secrets that the `sandbox.yaml` at or above a project's folder names; none where there is no file.

    Raises:
        SandboxError: the file is no YAML, or an entry is not of the form above.

    """
    file, content = _read(folder)
    secrets = content.get("secrets", {})
    if not isinstance(secrets, dict):
        raise SandboxError(f"{file}: secrets is {json.dumps(secrets)}. It must be a mapping.")
    return [_secret(file, str(key), entry) for key, entry in secrets.items()]


def estate(folder: Path) -> list[Subscription]:
    """Return the estate that the `sandbox.yaml` at or above a folder describes; the default one where it has none.

    Raises:
        SandboxError: the file is no YAML, or the estate is not of its form.

    """
    file, content = _read(folder)
    if "estate" not in content:
        return DEFAULT
    try:
        return parse(content["estate"])
    except DescriptionError as error:
        raise SandboxError(f"{file} describes no estate:\n{error}") from None


def _read(folder: Path) -> tuple[Path, dict[str, Any]]:
    file = next((each / PROJECT_FILE for each in (folder, *folder.parents) if (each / PROJECT_FILE).is_file()), None)
    if file is None:
        return folder / PROJECT_FILE, {}
    try:
        content = yaml.safe_load(file.read_text()) or {}
    except yaml.YAMLError as error:
        raise SandboxError(f"{file} is not valid YAML: {error}") from None
    if not isinstance(content, dict) or content.keys() - _KEYS:
        raise SandboxError(f"{file} must hold a mapping with the keys {' and '.join(_KEYS)}, and no other key.")
    return file, content


def _secret(file: Path, key: str, entry: Any) -> StackSecret:
    fields: dict[str, Any] = entry if isinstance(entry, dict) else {}
    when = fields.get("when", {})
    if fields.get("value") not in _VALUES or fields.keys() - {"value", "when"} or not isinstance(when, dict):
        raise SandboxError(
            f"{file}: secrets.{key} is {json.dumps(entry)}. Allowed: value, one of {', '.join(_VALUES)}, and when, "
            "a mapping of configuration keys."
        )
    if ":" not in key:
        raise SandboxError(f"{file}: secrets.{key} names no namespace. Write NAMESPACE:{key}.")
    return StackSecret(key, fields["value"], when)


def _holds(found: Any, wanted: Any) -> bool:
    if isinstance(found, str) and isinstance(wanted, dict):
        with suppress(json.JSONDecodeError):  # `config set` stores what was typed as JSON as the text that it is
            found = json.loads(found)
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_holds(found.get(key), value) for key, value in wanted.items())
    return found == wanted
