"""`python -m sandbox.tools.install_pulumi FOLDER VERSION`: the SDK's installer, in a process that can be ended."""

import subprocess
import sys

from pulumi.automation import PulumiCommand
from semver import VersionInfo


def main() -> None:
    """Install, or say on the last line why not."""
    folder, version = sys.argv[1:]
    try:
        PulumiCommand.install(root=folder, version=VersionInfo.parse(version))
    except subprocess.CalledProcessError as error:
        said = (error.output or b"").decode("utf-8", "replace").strip()
        sys.exit(f"{said}\nits script ended with exit code {error.returncode}")
    except Exception as error:
        sys.exit(str(error) or type(error).__name__)


if __name__ == "__main__":
    main()
