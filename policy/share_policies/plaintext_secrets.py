"""Rule: passwords are only in Secrets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
)
from pulumi_policy.proxy import UnknownValueError

from share_policies.resources import items, known

_ENDINGS: Final = (
    "password",
    "passwd",
    "secret",
    "secretkey",
    "apikey",
    "accesskey",
    "accountkey",
    "privatekey",
    "connectionstring",
    "token",
)
_NAMES_OF_SECRETS: Final = ("existing", "imagepull")  # the values of such keys are names of Secrets
_TEMPLATES: Final = frozenset(
    f"kubernetes:{group}:{kind}"
    for group, kinds in {
        "apps/v1": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
        "batch/v1": ("Job",),
    }.items()
    for kind in kinds
)
_SPECS: Final = frozenset({"kubernetes:trident.netapp.io/v1:TridentBackendConfig"})


def no_plaintext_secrets(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Report plain-text secrets in Helm values, ConfigMaps, environment variables and Trident's backends.

    More users may read those than may read Secrets. Pulumi encrypts the value in its state, but in the cluster it is in
    plain text.
    """
    for path in _places(args):
        report(
            f"{path} of '{args.name}' is a secret in plain text: move it to a Secret, and reference the Secret.", None
        )


def _places(args: ResourceValidationArgs) -> Iterator[str]:
    match args.resource_type:
        case "kubernetes:helm.sh/v3:Release" | "kubernetes:helm.sh/v4:Chart":
            yield from _secrets_below(known(args.props, "values"), "values")
        case "kubernetes:core/v1:ConfigMap":
            yield from _secrets_below(known(args.props, "data"), "data")
        case "kubernetes:core/v1:Pod":
            yield from _in_environment(known(args.props, "spec"))
        case kind if kind in _TEMPLATES:
            yield from _in_environment(known(args.props, "spec", "template", "spec"))
        case kind if kind in _SPECS:
            yield from _secrets_below(known(args.props, "spec"), "spec")
        case _:
            return


def _in_environment(pod: Any) -> Iterator[str]:
    for group in ("initContainers", "containers"):
        for container in items(known(pod, group)):
            for variable in items(known(container, "env")):
                name = str(known(variable, "name"))
                if _names_a_secret(name) and _holds_text(variable, "value"):
                    yield f"env {name} of container {known(container, 'name')}"


def _secrets_below(holder: Any, path: str) -> Iterator[str]:
    if isinstance(holder, Mapping):
        mapping = cast("Mapping[str, Any]", holder)
        for key in mapping:
            if _names_a_secret(key) and _holds_text(mapping, key):
                yield f"{path}.{key}"
            else:
                yield from _secrets_below(known(mapping, key), f"{path}.{key}")
    elif isinstance(holder, Sequence) and not isinstance(holder, str):
        for index, item in enumerate(items(cast("Sequence[Any]", holder))):
            yield from _secrets_below(item, f"{path}[{index}]")


def _names_a_secret(key: str) -> bool:
    plain = "".join(character for character in key.lower() if character.isalnum())
    return plain.endswith(_ENDINGS) and not plain.startswith(_NAMES_OF_SECRETS)


def _holds_text(holder: Mapping[str, Any], key: str) -> bool:
    """Return whether the value is text or is unknown in a preview."""
    try:
        value = holder.get(key)
    except UnknownValueError:
        return True
    return isinstance(value, str) and bool(value)


NO_PLAINTEXT_SECRETS: Final = ResourceValidationPolicy(
    name="no-plaintext-secrets",
    description="Passwords and keys are in Secrets: not in Helm values, ConfigMaps, environment variables or backends.",
    enforcement_level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    validate=no_plaintext_secrets,
)
