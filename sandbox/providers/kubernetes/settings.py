"""The provider resource's settings: what `kubernetes.Provider(...)` takes, with its environment variables.

https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.providers.kubernetes.handler import ResourceError

UNSUPPORTED = {
    "enableServerSideApply": ("false", "client-side apply"),
    "renderYamlToDirectory": (None, "rendering YAML to a directory"),
}
"""Settings that this stand-in refuses: the value that is refused (None: any) and what it would mean."""


@dataclass(frozen=True)
class ProviderSettings:
    """A provider resource's settings as typed values."""

    kubeconfig: str = field(default="", repr=False)
    """Contents of a kubeconfig, or a path. Empty: the ambient one."""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    """For objects that name none."""
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    enable_patch_force: bool = False
    upsert_existing_objects: bool = False
    enable_config_map_mutable: bool = False
    enable_secret_mutable: bool = False
    suppress_deprecation_warnings: bool = False
    suppress_helm_hook_warnings: bool = False
    helm_release_settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """driver, pluginsPath, registryConfigPath, repositoryCache, repositoryConfigPath."""
    request_timeout: float | None = None
    """Seconds for one request to the API server (kubeClientSettings.timeout)."""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "ProviderSettings":
        """Typed settings from the provider resource's properties, booleans and objects as JSON text or as they are."""
        for key, (refused, meaning) in UNSUPPORTED.items():
            given = _text(values.get(key))
            if given and refused in (None, given):
                raise ResourceError(f"{key}: {meaning} is not supported by this stand-in for the kubernetes plugin")
        client = _object(values, "kubeClientSettings")
        timeout = client.get("timeout") or os.environ.get("PULUMI_K8S_CLIENT_TIMEOUT")
        return cls(
            kubeconfig=_document(values.get("kubeconfig")),
            context=_text(values.get("context")),
            cluster=_text(values.get("cluster")),
            namespace=_text(values.get("namespace")),
            delete_unreachable=_flag(values, "deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
            skip_update_unreachable=_flag(values, "skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
            enable_patch_force=_flag(values, "enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
            upsert_existing_objects=_flag(values, "upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
            enable_config_map_mutable=_flag(values, "enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
            enable_secret_mutable=_flag(values, "enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
            suppress_deprecation_warnings=_flag(
                values, "suppressDeprecationWarnings", "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS"
            ),
            suppress_helm_hook_warnings=_flag(
                values, "suppressHelmHookWarnings", "PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS"
            ),
            helm_release_settings=_object(values, "helmReleaseSettings"),
            request_timeout=float(timeout) if timeout else None,
        )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else ""


def _document(value: Any) -> str:
    """A kubeconfig may be given as an object, too."""
    return json.dumps(value) if isinstance(value, Mapping) else _text(value)


def _flag(values: Mapping[str, Any], key: str, variable: str) -> bool:
    """The provider's own setting wins over the environment; anything but true is false."""
    given = values.get(key)
    return (_text(given) if given is not None else os.environ.get(variable, "")) == "true"


def _object(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    given = values.get(key)
    if isinstance(given, str) and given:
        try:
            given = json.loads(given)
        except json.JSONDecodeError as error:
            raise ResourceError(f"failed to unmarshal {key} option: {error.msg}") from None
    return given if isinstance(given, Mapping) else {}
