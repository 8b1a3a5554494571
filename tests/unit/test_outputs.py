"""The outputs as a contract: `outputs.CONTRACT` matches the exported outputs and `docs/outputs.md`."""

from collections.abc import Callable, Iterable
from typing import Final

import pytest

from outputs import CONTRACT, Exists, StackOutput, Type
from tests.unit.unit_mocks import PROJECT, Run, dev, is_secret, run_static, run_whole, static

PAGE: Final = (PROJECT / "docs" / "outputs.md").read_text()
MAPS: Final = [output for output in CONTRACT if output.type is Type.MAP]
PYTHON: Final = {Type.STRING: str, Type.NUMBER: int | float, Type.OBJECT: dict, Type.MAP: dict, Type.LIST: list}
VOLUMES: Final = {Exists.ALWAYS, Exists.VOLUME, Exists.VOLUME_POD, Exists.DRIVER, Exists.POD}
CLAIMS: Final = {
    Exists.ALWAYS,
    Exists.BACKEND,
    Exists.TRIDENT,
    Exists.CLAIM,
    Exists.CLAIM_POD,
    Exists.POD,
    Exists.CLASS,
    Exists.ROLES,
}


def names(outputs: Iterable[StackOutput], conditions: set[Exists]) -> set[str]:
    return {output.name for output in outputs if output.exists in conditions}


@pytest.mark.parametrize(
    ("run", "conditions"),
    [
        pytest.param(dev, VOLUMES | CLAIMS, id="both paths"),
        pytest.param(static, VOLUMES, id="volumes alone"),
        pytest.param(
            lambda: run_static(windowsPods={"imagePullSecrets": ["registry"]}),
            VOLUMES | {Exists.WINDOWS_PODS},
            id="volumes for a private registry",
        ),
        pytest.param(lambda: run_whole(volumes=None), CLAIMS, id="claims alone"),
        pytest.param(
            lambda: run_whole(sampleWorkload=False),
            (VOLUMES | CLAIMS) - {Exists.VOLUME_POD, Exists.CLAIM_POD, Exists.POD},
            id="no sample workload",
        ),
        pytest.param(
            lambda: run_whole(smbDriver={"enabled": False}, trident={"enabled": False}),
            (VOLUMES | CLAIMS | {Exists.NO_ROLES}) - {Exists.DRIVER, Exists.TRIDENT, Exists.ROLES},
            id="drivers of somebody else",
        ),
        pytest.param(
            lambda: run_whole(
                volumes=None,
                dynamicClaims=None,
                trident={"version": "100.2606.0", "enabled": True, "roleAssignment": False},
            ),
            {Exists.ALWAYS, Exists.BACKEND, Exists.CLASS, Exists.TRIDENT, Exists.NO_ROLES},
            id="Trident alone, roles by somebody else",
        ),
        pytest.param(
            lambda: run_whole(dynamicClaims=None, trident={"version": "100.2606.0", "enabled": True, "wipeout": True}),
            VOLUMES | {Exists.TRIDENT},
            id="Trident on its way out",
        ),
    ],
)
def test_a_stack_exports_what_the_contract_says_and_of_the_types_it_says(
    run: Callable[[], Run], conditions: set[Exists]
) -> None:
    outputs = run().outputs
    assert set(outputs) == names(CONTRACT, conditions)
    for output in CONTRACT:
        if output.name in outputs:
            assert isinstance(outputs[output.name], PYTHON[output.type]), output.name
            assert outputs[output.name] != "", output.name
    for output in MAPS:
        for entry in outputs[output.name].values():
            assert set(entry) == names(output.keys, conditions)
            assert all(isinstance(entry[key.name], PYTHON[key.type]) for key in output.keys if key.name in entry)
            assert all(entry.values())


def test_no_output_is_a_secret() -> None:
    assert not any(is_secret(value) for value in dev().outputs.values())


def test_the_flat_outputs_are_of_the_first_volume_and_stay_when_another_one_is_put_behind() -> None:
    two = run_whole(volumes=[{"name": "smb", "sizeGiB": 200}, {"name": "media", "sizeGiB": 100}]).outputs
    one = dev().outputs
    assert {name for name in one if one[name] != two[name]} == {"volumes"}
    assert two["uncPath"] == two["volumes"]["smb"]["uncPath"]


def test_the_page_has_the_tables_of_the_contract() -> None:
    for first, outputs in (("output", CONTRACT), *(("key", output.keys) for output in MAPS)):
        expected = table(first, outputs)
        assert expected in PAGE, f"docs/outputs.md must have:\n{expected}"


def test_every_output_is_named_once() -> None:
    for outputs in (CONTRACT, *(output.keys for output in MAPS)):
        listed = [output.name for output in outputs]
        assert len(listed) == len(set(listed))


def table(first: str, outputs: Iterable[StackOutput]) -> str:
    rows = [
        f"| `{output.name}` | {output.type} | {output.exists} | {output.meaning} | {output.stability} |"
        for output in outputs
    ]
    return "\n".join([f"| {first} | type | there | what it is | stability |", "|---|---|---|---|---|", *rows, ""])
