"""The engine's genuine plugins, where this machine has them or can get them."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sandbox.paths import SandboxPaths, tool_cache
from sandbox.progress import Progress, default_progress, duration
from sandbox.tools.cache import ToolCache
from sandbox.tools.network import Vendors
from sandbox.tools.processes import TimeLimitError, run
from sandbox.tools.resolve import Toolchain

_INSTALL_SECONDS = 300.0
_HOSTS = ("get.pulumi.com", "api.github.com")
"""Where the engine looks for plugins. It gives up neither quickly nor quietly, so they are probed first."""

_CHART_HOSTS = ("netapp.github.io", "raw.githubusercontent.com")
"""Where the genuine kubernetes plugin has to fetch the charts: the sandbox's own are served by its stand-in."""


@dataclass(frozen=True)
class GenuinePlugin:
    """A plugin's executable, or the reason why there is none."""

    executable: Path | None
    reason: str
    """One line: where it was found, or why it was not."""

    on_path: bool = False
    """The engine finds it by itself: it needs no place in a plugin folder."""


def genuine_plugin(name: str, version: str, toolchain: Toolchain, progress: Progress | None = None) -> GenuinePlugin:
    """The genuine resource plugin: on PATH, in the user's own plugin folder, or got by the engine's own download.

    None that has to be put in place is of use where the repositories of its charts do not answer.

    Args:
        name: e.g. `kubernetes`.
        version: e.g. `4.34.2`. One on PATH is taken at any version, as the engine takes it.
        toolchain: with `pulumi`.
        progress: told what is being done.

    """
    progress = progress or default_progress()
    file = f"pulumi-resource-{name}"
    if on_path := shutil.which(file):
        return GenuinePlugin(Path(on_path), f"{file} is on PATH", on_path=True)
    found = _found(name, version, toolchain, progress)
    if found.executable and (silent := Vendors().unreachable(_CHART_HOSTS)):
        host, reason = min(silent.items())
        return GenuinePlugin(None, f"{found.reason}, but its charts cannot be had: {host} does not answer ({reason})")
    return found


def _found(name: str, version: str, toolchain: Toolchain, progress: Progress) -> GenuinePlugin:
    file = f"pulumi-resource-{name}"
    own = ToolCache(tool_cache())
    for home in (*_user_homes(), own.root / "pulumi-plugins"):
        if executable := _installed(home, name, version):
            return GenuinePlugin(executable, f"{file} {version} is in {home}")
    if silent := Vendors().unreachable(_HOSTS):
        host, reason = min(silent.items())
        return GenuinePlugin(None, f"{file} {version} cannot be downloaded: {host} does not answer ({reason})")
    return _download(name, version, toolchain, own, progress)


def has_python_language_plugin(toolchain: Toolchain) -> bool:
    """Whether the engine can run Python programs by itself: its language plugin lies beside it, or on PATH."""
    pulumi = toolchain.path("pulumi")
    beside = {pulumi.parent / "pulumi-language-python", pulumi.resolve().parent / "pulumi-language-python"}
    return any(os.access(path, os.X_OK) for path in beside) or shutil.which("pulumi-language-python") is not None


def _user_homes() -> list[Path]:
    """The user's own PULUMI_HOME; not a sandbox's, whose plugins are our stand-ins."""
    homes = [Path(os.environ["PULUMI_HOME"])] if os.environ.get("PULUMI_HOME") else []
    ours = SandboxPaths.default().pulumi_home
    return [home for home in (*homes, Path.home() / ".pulumi") if home.resolve() != ours]


def _installed(home: Path, name: str, version: str) -> Path | None:
    folder = home / "plugins" / f"resource-{name}-v{version}"
    executable = folder / f"pulumi-resource-{name}"
    if folder.with_name(f"{folder.name}.partial").exists() or not os.access(executable, os.X_OK):
        return None  # the engine marks an installation that has not ended, or was killed, with `.partial`
    with executable.open("rb") as file:
        is_script = file.read(2) == b"#!"
    return None if is_script else executable  # a script is a stand-in, of this sandbox or another one


def _download(name: str, version: str, toolchain: Toolchain, cache: ToolCache, progress: Progress) -> GenuinePlugin:
    what = f"pulumi-resource-{name} {version}"
    home = cache.root / "pulumi-plugins"
    log = cache.log(f"plugin-{name}")
    argv = [str(toolchain.path("pulumi")), "plugin", "install", "resource", name, version, "--non-interactive"]
    env = {**os.environ, "PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    with cache.lock(progress), progress.step(f"Downloading {what}") as step, log.open("wb") as output:
        try:
            code = run(argv, output, _INSTALL_SECONDS, env=env, beat=lambda passed: step.update(duration(passed)))
        except (TimeLimitError, OSError) as error:
            return GenuinePlugin(None, f"{what} cannot be downloaded: {error}")
    if executable := _installed(home, name, version):
        return GenuinePlugin(executable, f"{what} was downloaded")
    return GenuinePlugin(None, f"{what} cannot be downloaded: pulumi plugin install ended with {code} (log: {log})")
