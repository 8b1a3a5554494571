"""What the README shows of a preview is what the engine prints."""

from tests.e2e.conftest import Stack
from tests.project import PROJECT


def preview_in_the_readme() -> list[str]:
    """What the README shows of a volume's change from 100 to 200 GiB: the engine's lines, but for ids and warnings."""
    block = (PROJECT / "README.md").read_text().partition("<!-- the preview of a change -->\n\n```text\n")[2]
    shown = block.partition("```")[0].splitlines()
    assert len(shown) == 12
    return shown


def test_the_readme_shows_the_preview_of_a_larger_volume_as_it_looks(deployed: Stack) -> None:
    deployed.configure(volumes=[{"name": "smb", "sizeGiB": 200}])
    try:
        said = iter(deployed.pulumi("preview", "--diff").output.splitlines())
    finally:
        deployed.as_committed()
    assert [line for line in preview_in_the_readme() if line not in said] == []  # in this order
