"""CONTRIBUTING.md shows how to add a property: its diff applies, and needs three files besides tests."""

import re
import subprocess

from tests.unit.unit_mocks import PROJECT

PAGE = PROJECT / "CONTRIBUTING.md"


def test_the_example_of_a_property_applies_and_takes_three_files() -> None:
    diff = PAGE.read_text().partition("```diff\n")[2].partition("```")[0]
    changed = re.findall(r"^\+\+\+ b/(\S+)$", diff, re.MULTILINE)
    assert len([file for file in changed if not file.startswith("tests/")]) == 3
    checked = subprocess.run(
        ["git", "apply", "--check", "-"],
        cwd=PROJECT,
        input=diff,
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stderr
