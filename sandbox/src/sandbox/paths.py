"""The files of a sandbox, all below one folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

PROJECT_FILE = "sandbox.yaml"
"""Says what the sandbox must know of a program; it marks the folder beside whose files `.sandbox/` lies."""


def project_root(start: Path) -> Path:
    """Return the folder at or above `start` that holds `sandbox.yaml`, else Pulumi.yaml, else `start` itself."""
    folders = (start, *start.parents)
    for name in (PROJECT_FILE, "Pulumi.yaml"):
        for folder in folders:
            if (folder / name).is_file():
                return folder
    return start


@dataclass(frozen=True)
class SandboxPaths:
    """The files of one sandbox. Two sandboxes with different roots run beside each other."""

    root: Path

    @classmethod
    def default(cls) -> "SandboxPaths":
        """`.sandbox/` in the project that the current folder belongs to, or the folder that ANF_SANDBOX_HOME names."""
        return cls(Path(os.environ.get("ANF_SANDBOX_HOME") or project_root(Path.cwd()) / ".sandbox").resolve())

    @property
    def kubeconfig(self) -> Path:
        """Admin credentials of the sandbox's control plane; never the user's own file."""
        return self.root / "kubeconfig"

    @property
    def merged_kubeconfig(self) -> Path:
        """Contexts that users add, by `az aks get-credentials` for instance: kubectl reads it before `kubeconfig`."""
        return self.root / "kube" / "config"

    @property
    def azure_cli(self) -> Path:
        """AZURE_CONFIG_DIR: the cloud, the sign-in and the settings of `az`; never the user's own."""
        return self.root / "azure-cli"

    @property
    def control_plane(self) -> Path:
        """Certificates, ports and etcd's data of the control plane."""
        return self.root / "control-plane"

    @property
    def arm_database(self) -> Path:
        """State of the Azure Resource Manager emulator (SQLite)."""
        return self.root / "arm.sqlite"

    def existing_database(self) -> Path:
        """Return the same of a sandbox that has been started; raise SandboxError where there is none."""
        if not self.arm_database.exists():
            raise SandboxError("There is no sandbox here yet. Start it: python -m sandbox up")
        return self.arm_database

    @property
    def certificates(self) -> Path:
        """The emulator's CA and server certificate."""
        return self.root / "certificates"

    @property
    def ca_bundle(self) -> Path:
        """Public CAs, the user's and the emulator's own, for REQUESTS_CA_BUNDLE and SSL_CERT_FILE."""
        return self.certificates / "ca-bundle.pem"

    @property
    def pulumi_home(self) -> Path:
        """PULUMI_HOME: plugins and the CLI's own files."""
        return self.root / "pulumi"

    @property
    def pulumi_state(self) -> Path:
        """The file backend's folder."""
        return self.root / "state"

    @property
    def stack_config(self) -> Path:
        """Config files of stacks in the sandbox, generated secrets included (encrypted)."""
        return self.root / "config"

    @property
    def shares(self) -> Path:
        """Contents of the SMB shares: `<smbServerFqdn>/<creationToken>/`."""
        return self.root / "shares"

    @property
    def charts(self) -> Path:
        """The file that leads the kubernetes plugin to the sandbox's own charts, while they are served."""
        return self.root / "charts"

    @property
    def tools(self) -> Path:
        """Links to `pulumi` and `kubectl`: what comes first on PATH in the sandbox."""
        return self.root / "bin"

    @property
    def commands(self) -> Path:
        """What comes before `tools` on PATH in a shell in the sandbox."""
        return self.root / "commands"

    @property
    def services(self) -> Path:
        """One JSON file per background process: its pid and port."""
        return self.root / "services"

    @property
    def logs(self) -> Path:
        """One log per background process."""
        return self.root / "logs"
