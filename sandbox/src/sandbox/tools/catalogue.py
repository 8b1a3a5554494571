"""The tools of the sandbox: their versions, how each is built from its Go module, and what that costs."""

import hashlib
import platform
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from semver import Version

from sandbox.tools.errors import ToolchainError

_MODULES = Path(__file__).parent / "modules"
_KUBERNETES = "1.37.2"
_BUILD_FLAGS = ("-trimpath", "-buildvcs=false")


@dataclass(frozen=True)
class Tool:
    """One program."""

    name: str
    version: Version
    module: Path
    package: str
    ask: tuple[str, ...] = ("--version",)
    stamp: str = ""
    """The linker's flags that tell it its version; a plain `go build` would leave it unknown."""
    minutes: int = 1
    """What a cold build takes on 2 cores, rounded up."""
    gibibytes: float = 0.5
    """What a cold build adds to Go's caches, rounded up."""
    companions: frozenset[str] = frozenset()
    """Tools that only fit together at one version: from PATH they come together, or not at all."""
    developer: bool = False
    """For those who change this project: the sandbox does without it, so it is had only where it is named."""

    @property
    def flags(self) -> tuple[str, ...]:
        """Arguments of `go build`."""
        return (*_BUILD_FLAGS, "-ldflags", f"-s -w {self.stamp}".strip())

    @cached_property
    def digest(self) -> str:
        """Changes with whatever changes the built file: requirements, their checksums, flags."""
        recipe = hashlib.sha256()
        for part in (self.package, *self.flags):
            recipe.update(part.encode() + b"\0")
        for file in ("go.mod", "go.sum"):
            path = self.module / file
            recipe.update((path.read_bytes() if path.exists() else b"") + b"\0")
        return recipe.hexdigest()[:12]


def system() -> tuple[str, str]:
    """The machine as Go names it, e.g. `linux`, `amd64`."""
    arch = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower())
    if sys.platform not in ("linux", "darwin") or arch is None:
        raise ToolchainError(
            f"The sandbox runs on Linux and macOS (x86-64, ARM64), not on {sys.platform} {platform.machine()}. "
            "On Windows, run it in WSL."
        )
    return sys.platform, arch


def _kubernetes(name: str, minutes: int, gibibytes: float, companions: frozenset[str] = frozenset()) -> Tool:
    version = "k8s.io/component-base/version"
    major, minor, _ = _KUBERNETES.split(".")
    return Tool(
        name,
        Version.parse(_KUBERNETES),
        _MODULES / "kubernetes",
        f"k8s.io/kubernetes/cmd/{name}",
        ask=("version", "--client") if name == "kubectl" else ("--version",),
        stamp=f"-X {version}.gitVersion=v{_KUBERNETES} -X {version}.gitMajor={major} -X {version}.gitMinor={minor}",
        minutes=minutes,
        gibibytes=gibibytes,
        companions=companions,
    )


_KWOK = frozenset({"kwok", "kwokctl"})
_CONTROL_PLANE = frozenset({"kube-apiserver", "kube-controller-manager", "kube-scheduler"})

# In the order in which they are got: kwokctl knows where the control plane's binaries are published.
_TOOLS = (
    Tool(
        "kwokctl",
        Version.parse("0.8.0"),
        _MODULES / "kwok",
        "sigs.k8s.io/kwok/cmd/kwokctl",
        minutes=2,
        gibibytes=1.0,
        companions=_KWOK,
    ),
    Tool(
        "kwok",
        Version.parse("0.8.0"),
        _MODULES / "kwok",
        "sigs.k8s.io/kwok/cmd/kwok",
        gibibytes=0.3,
        companions=_KWOK,
    ),
    Tool("etcd", Version.parse("3.7.3"), _MODULES / "etcd", "go.etcd.io/etcd/server/v3"),
    Tool(
        "helm",
        Version.parse("3.20.2"),
        _MODULES / "helm",
        "helm.sh/helm/v3/cmd/helm",
        ask=("version", "--short"),
        stamp="-X helm.sh/helm/v3/internal/version.version=v3.20.2",
        minutes=2,
        gibibytes=1.0,
    ),
    Tool(
        "pulumi",
        Version.parse("3.259.0"),
        _MODULES / "pulumi",
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        ask=("version",),
        stamp="-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0",
        minutes=5,
        gibibytes=2.5,
    ),
    _kubernetes("kube-apiserver", 6, 3.0, _CONTROL_PLANE),
    _kubernetes("kube-controller-manager", 2, 1.0, _CONTROL_PLANE),
    _kubernetes("kube-scheduler", 1, 0.5, _CONTROL_PLANE),
    _kubernetes("kubectl", 1, 0.5),
    Tool(
        "actionlint",
        Version.parse("1.7.12"),
        _MODULES / "actionlint",
        "github.com/rhysd/actionlint/cmd/actionlint",
        gibibytes=0.2,
        developer=True,
    ),
)

TOOLS: dict[str, Tool] = {tool.name: tool for tool in _TOOLS}
"""Every tool by its name."""
