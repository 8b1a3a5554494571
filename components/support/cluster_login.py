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
SILENT: Final = "a login method that asks nobody: azurecli, azd, msi, spn, or in CI workloadidentity"


def login_problem(kubeconfig: str | None, context: str | None) -> tuple[str, str] | None:
    """Return what is wrong, and the fix, if a kubeconfig's kubelogin is missing or would ask at a terminal; else None.

    AKS gives a cluster of Entra ID a kubeconfig with the method devicecode: kubelogin writes a code where nobody sees
    it, and waits for a quarter of an hour. Whoever sets the variable has chosen a method: it is taken as it is.
    """
    login = _login(kubeconfig, context)
    if login is None:
        return None
    command = str(login.get("command"))
    if shutil.which(command) is None:
        return (
            f"needs {command}, since its API server requires Entra ID: it is not on PATH",
            f"az aks install-cli; then export {VARIABLE}=azurecli, after az login",
        )
    chosen = {each["name"]: each["value"] for each in login.get("env") or ()} | os.environ
    method = _method(login.get("args") or ())
    if VARIABLE not in chosen and method in _ASKING:
        return (
            f"signs in to Entra ID by {method}, which asks at a terminal that a plugin does not have",
            f"export {VARIABLE}=azurecli, after az login",
        )
    return None


def check_login(kubeconfig: str | None, context: str | None) -> None:
    """Raise `InvalidArgsError` for a problem of the login."""
    if problem := login_problem(kubeconfig, context):
        what, fix = problem
        raise rules.InvalidArgsError(
            f"{rules.argument('ClusterProvider', 'cluster')} {what}. Allowed: {SILENT}. Fix: {fix}"
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
