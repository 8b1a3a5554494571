"""Command lines of helm for a release, as the genuine plugin sets the same options of the Helm library."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sandbox.providers.kubernetes.release_inputs import DEFAULT_TIMEOUT

_COMMON: Final = {
    "atomic": "--atomic",
    "dependencyUpdate": "--dependency-update",
    "devel": "--devel",
    "renderSubchartNotes": "--render-subchart-notes",
    "takeOwnership": "--take-ownership",
}
_INSTALL: Final = {
    **_COMMON,
    "createNamespace": "--create-namespace",
    "disableOpenapiValidation": "--disable-openapi-validation",
    "disableWebhooks": "--no-hooks",
    "replace": "--replace",
    "skipCrds": "--skip-crds",
}
_UPGRADE: Final = {
    **_COMMON,
    "cleanupOnFail": "--cleanup-on-fail",
    "disableCRDHooks": "--no-hooks",  # not disableWebhooks: the genuine plugin's upgrade looks at this option alone
    "forceUpdate": "--force",
    "recreatePods": "--recreate-pods",
    "resetValues": "--reset-values",
    "reuseValues": "--reuse-values",
}
_VALUES: Final = ("--values", "-")


def install(release: Mapping[str, Any], chart: Path) -> list[str]:
    """`helm install`, its values on standard input."""
    return ["install", *_target(release, chart), *_VALUES, *_flags(release, _INSTALL), *_rest(release)]


def upgrade(release: Mapping[str, Any], chart: Path) -> list[str]:
    """`helm upgrade`, its values on standard input. Without maxHistory all revisions are kept."""
    history = ["--history-max", str(release.get("maxHistory", 0))]
    return ["upgrade", *_target(release, chart), *_VALUES, *_flags(release, _UPGRADE), *history, *_rest(release)]


def uninstall(release: Mapping[str, Any]) -> list[str]:
    """`helm uninstall`."""
    wait = ["--wait", *_timeout(release)] if release["atomic"] or not release["skipAwait"] else []
    return ["uninstall", release["name"], *_namespace(release), *wait]


def lint(release: Mapping[str, Any], chart: Path) -> list[str]:
    """`helm lint`, its values on standard input."""
    return ["lint", str(chart), *_namespace(release), *_VALUES, "--quiet"]


def _target(release: Mapping[str, Any], chart: Path) -> list[str]:
    return [release["name"], str(chart), *_namespace(release)]


def _namespace(release: Mapping[str, Any]) -> list[str]:
    return ["--namespace", release["namespace"]]


def _timeout(release: Mapping[str, Any]) -> list[str]:
    return ["--timeout", f"{release['timeout'] or DEFAULT_TIMEOUT}s"]


def _flags(release: Mapping[str, Any], flags: Mapping[str, str]) -> list[str]:
    return [flag for option, flag in flags.items() if release[option]]


def _rest(release: Mapping[str, Any]) -> list[str]:
    waits = [] if release["skipAwait"] else ["--wait", *(["--wait-for-jobs"] if release["waitForJobs"] else [])]
    described = ["--description", release["description"]] if release["description"] else []
    rendered = ["--post-renderer", release["postrender"]] if release["postrender"] else []
    return [*waits, *_timeout(release), *described, *rendered, "--output", "json"]
