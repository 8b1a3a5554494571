"""Tools that the machine has already, at a version that will do."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from semver import Version

from sandbox.paths import SandboxPaths
from sandbox.tools.catalogue import Tool
from sandbox.tools.processes import TimeLimitError, capture
from sandbox.tools.toolchain import ResolvedTool

_VERSION = re.compile(r"\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)")
_ASK_SECONDS = 60.0


def parse(text: str) -> Version | None:
    match = _VERSION.search(text)
    if match is None or not Version.is_valid(match.group(1)):
        return None
    return Version.parse(match.group(1))


def good_enough(found: Version, wanted: Version) -> bool:
    """Apply semantic versioning: the same major version (below 1.0 the same minor one), and not older."""
    same_line = found.major == wanted.major and (wanted.major > 0 or found.minor == wanted.minor)
    return same_line and found >= wanted


def _within_one_minor(client: Version, server: Version) -> bool:
    """Apply Kubernetes' rule for kubectl: one minor version older or newer than the API server."""
    return client.major == server.major and abs(client.minor - server.minor) <= 1


def ask(program: Path, arguments: tuple[str, ...]) -> Version | None:
    """Run a program for its version; None where it is broken, silent or takes too long."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        quiet = {"PULUMI_SKIP_UPDATE_CHECK": "true", "AZURE_CORE_COLLECT_TELEMETRY": "no", "AZURE_CONFIG_DIR": folder}
        env = {**os.environ, **quiet}
        try:
            answer = capture([str(program), *arguments], _ASK_SECONDS, env)
        except (OSError, TimeLimitError):
            return None
    return parse(answer.output) if answer.code == 0 else None


def find(tools: Mapping[str, Tool], names: Iterable[str]) -> dict[str, ResolvedTool]:
    """Return those of `names` that PATH offers and that are good enough, and the engine's plugins in its own folder.

    Companions (the control plane's three) are taken together at one version or not at all. kubectl is judged by the
    API server that will be used: one minor version to either side. The engine takes a plugin on PATH at any version.
    """
    names = list(names)
    wanted = {name for asked in names for name in {asked} | tools[asked].companions}
    if "kubectl" in wanted:
        wanted |= tools["kube-apiserver"].companions if "kube-apiserver" in tools else set()
    present = _versions(tools[name] for name in wanted & tools.keys())

    fit: dict[str, Version] = {}
    for name in (wanted & present.keys()) - {"kubectl"}:
        family = tools[name].companions | {name}
        versions = {present[member][1] for member in family if member in present}
        if family <= present.keys() and len(versions) == 1 and good_enough(present[name][1], tools[name].version):
            fit[name] = present[name][1]

    if "kubectl" in present and _within_one_minor(
        present["kubectl"][1], fit.get("kube-apiserver", tools["kubectl"].version)
    ):
        fit["kubectl"] = present["kubectl"][1]
    found = {name: ResolvedTool(present[name][0], str(fit[name]), "PATH") for name in names if name in fit}
    return found | {name: plugin for name in names if (plugin := _plugin(tools[name]))}


def _versions(tools: Iterable[Tool]) -> dict[str, tuple[Path, Version]]:
    """Ask each program on PATH for its version; those that do not answer are as good as absent."""

    def look(tool: Tool) -> tuple[str, Path, Version] | None:
        found = shutil.which(tool.name, path=_path(tool))
        version = ask(Path(found), tool.ask) if found and tool.ask is not None else None
        return (tool.name, Path(found), version) if found and version else None

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return {name: (path, version) for name, path, version in filter(None, pool.map(look, tools))}


def _path(tool: Tool) -> str:
    """Return PATH without the commands of a shell in the sandbox, which start the tools that are looked for."""
    paths = SandboxPaths.default()
    # What is had at its first use is such a command there, too; the others are links.
    own = {paths.commands, paths.tools} if tool.on_demand else {paths.commands}
    return os.pathsep.join(each for each in os.environ.get("PATH", "").split(os.pathsep) if Path(each) not in own)


def _plugin(tool: Tool) -> ResolvedTool | None:
    """Find a plugin on PATH, else the vendor's in the user's own PULUMI_HOME. The sandbox's own home is another one."""
    if tool.ask is not None:
        return None
    if on_path := shutil.which(tool.name):
        return ResolvedTool(Path(on_path), "", "PATH")
    version = tool.editions["download"]
    homes = [Path(os.environ["PULUMI_HOME"])] if os.environ.get("PULUMI_HOME") else []
    for home in (*homes, Path.home() / ".pulumi"):
        folder = home / "plugins" / f"{tool.name.removeprefix('pulumi-')}-v{version}"
        # The engine marks an installation that has not ended, or was killed, with `.partial`.
        half_done = folder.with_name(f"{folder.name}.partial").exists()
        if (
            home.resolve() != SandboxPaths.default().pulumi_home
            and not half_done
            and os.access(folder / tool.name, os.X_OK)
        ):
            return ResolvedTool(folder / tool.name, str(version), "plugin folder")
    return None
