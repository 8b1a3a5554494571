"""The sign-in to a cluster of Entra ID by kubelogin: one that asks at a terminal would wait for nobody."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

import yaml

from components import rules
from components.guest.cluster_identity import named_part

VARIABLE: Final = "AAD_LOGIN_METHOD"
"""It overrides the login method in a kubeconfig (https://azure.github.io/kubelogin/cli/get-token.html)."""

_KUBELOGIN: Final = "kubelogin"
_ASKING: Final = ("devicecode", "interactive")
_SILENT: Final = "azurecli (after az login), workloadidentity (CI, by OIDC; it renews its tokens), azd, msi or spn"


def check_login(kubeconfig: str | None, context: str | None) -> None:
    """Raise `InvalidArgsError` if a kubeconfig signs in by kubelogin, and that is missing or would ask at a terminal.

    AKS gives a cluster of Entra ID a kubeconfig with the method devicecode: kubelogin writes a code where nobody sees
    it, and waits for a quarter of an hour. Whoever sets the variable has chosen a method: it is taken as it is.
    """
    login = _login(kubeconfig, context)
    if login is None:
        return
    cluster = rules.argument("ClusterProvider", "cluster")
    command = str(login.get("command"))
    if shutil.which(command) is None:
        raise rules.InvalidArgsError(
            f"{cluster}: its API server requires Entra ID, and {command} is not on PATH. Fix: az aks install-cli, or "
            f"another way to install kubelogin; then set {VARIABLE}, allowed: {_SILENT}"
        )
    chosen = {each["name"]: each["value"] for each in login.get("env") or ()} | os.environ
    method = _method(login.get("args") or ())
    if VARIABLE not in chosen and method in _ASKING:
        raise rules.InvalidArgsError(
            f"{cluster}: its API server requires Entra ID, and its kubeconfig signs in by {method}, which asks at a "
            f"terminal. Fix: set the environment variable {VARIABLE}. Allowed: {_SILENT}"
        )


def _login(kubeconfig: str | None, context: str | None) -> Mapping[str, Any] | None:
    """Return how the user of a context runs kubelogin; None for another sign-in, or a kubeconfig that has no user."""
    try:
        content: Any = yaml.safe_load(kubeconfig or "")
        chosen = named_part(content, "contexts", context or content["current-context"])["context"]
        login: Any = named_part(content, "users", chosen["user"])["user"]["exec"]
        return login if PurePath(login["command"]).stem == _KUBELOGIN else None
    except (yaml.YAMLError, LookupError, TypeError):
        return None


def _method(arguments: Sequence[str]) -> str:
    """Return the login method that kubelogin's arguments name; its default is devicecode."""
    method = "devicecode"
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, _, value = argument.partition("=")
        if name in {"--login", "-l"}:
            method = value or following
    return method
