"""The language host runs policy packs written in Python under the genuine engine as the engine's own plugin does."""

from pathlib import Path

import psutil
import pytest

from tests.plugins.language.tryout import Project, make_project

_PROGRAM = (
    "import pulumi\n"
    "class Thing(pulumi.ComponentResource):\n"
    "    def __init__(self, name):\n"
    "        super().__init__('tryout:index:Thing', name, {'size': 3})\n"
    "Thing('made')\n"
)
_PACK = """
import pulumi
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def judge(args, report):
    if args.resource_type == "tryout:index:Thing":
        limit = pulumi.Config("tryout").get_int("limit") or 0
        if args.get_config().get("of") == "things" and limit < 4:
            report(f"{args.name} in {pulumi.get_project()}/{pulumi.get_stack()}: limit {limit}, "
                   f"preview {pulumi.runtime.is_dry_run()}")

PolicyPack("tryout", policies=[ResourceValidationPolicy(
    "small", "Things are small.", judge, EnforcementLevel.MANDATORY)])
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("policy"))


@pytest.fixture
def pack(project: Project, tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n")
    (folder / "__main__.py").write_text(_PACK)
    (folder / "configuration.json").write_text('{"small": {"of": "things"}}')
    project.program(_PROGRAM)
    return folder


def judged(project: Project, pack: Path) -> tuple[int, str]:
    run = project.run("preview", "--policy-pack", str(pack), "--policy-pack-config", str(pack / "configuration.json"))
    return run.returncode, run.stdout


def test_a_pack_knows_stack_and_configuration_refuses_what_breaks_it_and_ends(project: Project, pack: Path) -> None:
    code, output = judged(project, pack)
    assert code != 0
    assert "made in tryout/dev: limit 0, preview True" in output
    project.run("config", "set", "limit", "4")
    code, output = judged(project, pack)
    assert code == 0, output
    assert "tryout@v1.2.3" in output
    project.run("config", "rm", "limit")
    still = [process for process in psutil.process_iter(["cmdline"]) if str(pack) in (process.info["cmdline"] or ())]
    _, alive = psutil.wait_procs(still, timeout=60)
    assert alive == []


def test_a_pack_that_does_not_start_is_told_with_its_own_words(project: Project, pack: Path) -> None:
    (pack / "__main__.py").write_text("raise RuntimeError('no such rule')\n")
    code, output = judged(project, pack)
    assert code != 0
    assert "no such rule" in output
    assert "could not read policy pack port" in output
