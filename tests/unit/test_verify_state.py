"""The state of a stack: its names are the program's, no secret leaves it, and pulumi is asked little."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.stack_config import load
from tests.unit.stack_exports import (
    CIPHERTEXT,
    FAILED,
    INTERRUPTED,
    SECRET,
    STATIC_POD,
    VOLUME,
    Export,
    configuration,
    outputs_of,
)
from tests.unit.unit_mocks import committed
from tests.unit.verify_breaks import D
from verify.errors import VerifyError
from verify.stack.plan import Plan
from verify.stack.reading import read
from verify.stack.state import State as StackState

VARIATIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "as committed": lambda keys: None,
    "names of its own": lambda keys: keys.update(
        {
            "anf-smb:volumes": [
                {"name": "smb", "sizeGiB": 50, "claim": "web", "namespace": "web"},
                {"name": "more", "sizeGiB": 50},
            ],
            "anf-smb:dynamicClaims": [
                {"name": "a", "sizeGiB": 100, "namespace": "x"},
                {"name": "b", "sizeGiB": 100, "claim": "bb", "storageClass": "anf-sc-fast"},
            ],
            "anf-smb:pools": [
                {"name": "one", "serviceLevel": "Standard", "sizeTiB": 1},
                {"name": "two", "serviceLevel": "Premium", "sizeTiB": 1, "storageClass": "anf-sc-fast"},
            ],
            "anf-smb:smbUser": {"domain": "CONTOSO", "username": "svc-web", "secretName": "ours"},
        }
    ),
    "Trident of another stack": lambda keys: keys.update(
        {"anf-smb:trident": {"enabled": False, "namespace": "netapp", "credentialsNamespace": "creds"}}
    ),
    "needs of Windows Pods": lambda keys: keys.update(
        {
            "anf-smb:windowsPods": {
                "image": "contoso.azurecr.io/iis:1",
                "nodeSelector": {"team": "web"},
                "tolerations": [{"key": "team", "value": "web", "effect": "NoExecute", "tolerationSeconds": 60}],
                "imagePullSecrets": ["pull"],
            }
        }
    ),
    "the static way alone": lambda keys: [keys.pop("anf-smb:dynamicClaims"), keys.pop("anf-smb:trident")],
    "no sample": lambda keys: keys.update({"anf-smb:sampleWorkload": False, "anf-smb:smbDriver": {"enabled": False}}),
}


@pytest.mark.parametrize("change", VARIATIONS.values(), ids=VARIATIONS)
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_names_are_those_of_the_program(stack: str, change: Callable[[dict[str, Any]], object]) -> None:
    keys = dict(committed(stack))
    change(keys)
    if stack == "prod":
        keys["anf-smb:pools"][0]["sizeTiB"] = 100
    changes = {**dict.fromkeys(committed(stack)), **keys}
    settings = load(changes, stack=stack)
    plan = Plan.parse(stack, configuration(keys), StackState.parse({}))
    samples, dynamic_samples = settings.sample_pods, settings.dynamic_pods
    assert [(each.namespace, each.claim, each.pod, each.pool) for each in plan.volumes] == [
        (each.namespace, each.claim_name, samples.get(each.name), settings.pool_of(each)) for each in settings.volumes
    ]
    assert [(each.namespace, each.claim, each.pod, each.pool) for each in plan.claims] == [
        (each.namespace, each.claim_name, dynamic_samples.get(each.name), settings.pool_of(each))
        for each in settings.dynamic_claims
    ]
    classes = {each.name: each.storage_class for each in plan.pools if each.storage_class}
    wanted = settings.backend_pools({pool.name: pool.name for pool in settings.pools}) if settings.has_backend else {}  # pyright: ignore[reportArgumentType]
    assert classes.keys() == wanted.keys()
    assert plan.installs_smb_driver == settings.installs_smb_driver
    assert plan.installs_trident == settings.installs_trident
    assert plan.trident_namespace == settings.trident.namespace
    assert plan.credentials_namespace == settings.trident.credentials_namespace
    assert plan.secret == settings.smb_user.secret_name
    pods = settings.windows_pods
    given = {**pods.spec, **({"image": pods.image} if pods.image else {})}
    assert plan.windows_pods == (given if any(pods.args.values()) else {})


def test_no_secret_of_a_state_is_in_a_report() -> None:
    export = Export()
    export.outputs = {**(export.outputs or {}), "volumes": SECRET}
    state = StackState.parse(export.document)
    assert state.outputs["volumes"] == "[secret]"
    assert CIPHERTEXT not in repr(state)
    assert CIPHERTEXT not in repr(outputs_of(export.unready(*STATIC_POD)))


# What pulumi is asked.


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that installs a fake `pulumi` with answers; it records its arguments in the file `asked`."""

    def install(export: Any, last: list[Any], config: Any = None) -> Path:
        for name, content in (("export", export), ("history", last), ("config", config or {})):
            (tmp_path / name).write_text(json.dumps(content))
        program = tmp_path / "pulumi"
        program.write_text(
            f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n[ "$1" = stack ] && shift\ncat "{tmp_path}/$1"\n'
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        return tmp_path / "asked"

    return install


def test_a_finished_stack_takes_one_question_and_never_asks_for_secrets(pulumi: Callable[..., Path]) -> None:
    asked = pulumi(Export().document, [FAILED])
    assert read("dev", None).update is None
    (line,) = asked.read_text().splitlines()
    assert line.startswith("stack export --stack dev")


def test_an_update_that_failed_takes_one_more(pulumi: Callable[..., Path]) -> None:
    asked = pulumi(Export().without_outputs().unready(*STATIC_POD).document, [FAILED])
    assert read("dev", None).update is not None
    assert len(asked.read_text().splitlines()) == 2
    assert "--show-secrets" not in asked.read_text()


def test_an_interrupted_update_is_in_no_history_so_the_stack_file_has_its_configuration(
    pulumi: Callable[..., Path],
) -> None:
    pulumi(INTERRUPTED.document, [], configuration())
    found = read("dev", None)
    assert found.cluster.aks_name == "aks-dev"
    assert [claim.where for claim in found.claims] == [(D, "anf-pvc-smb-dynamic")]


def test_an_update_that_was_refused_before_it_changed_anything_leaves_the_outputs(pulumi: Callable[..., Path]) -> None:
    pulumi(Export().document, [FAILED])
    assert read("dev", None).volumes[0].volume_id == VOLUME


@pytest.mark.parametrize(
    ("export", "said"),
    [
        ({"version": 3, "deployment": {"manifest": {}}}, "it is not deployed, or was destroyed. Deploy it: pulumi up"),
        (
            {"version": 3, "deployment": {"resources": [Export().document["deployment"]["resources"][0]]}},
            "nothing in Azure or in the cluster yet: its last `pulumi up` stopped before that",
        ),
    ],
    ids=["destroyed", "stopped before its first resource"],
)
def test_a_stack_without_anything_is_one_sentence(pulumi: Callable[..., Path], export: Any, said: str) -> None:
    export = json.loads(json.dumps(export))
    for each in export["deployment"].get("resources", []):
        each.pop("outputs")
    asked = pulumi(export, [])
    with pytest.raises(VerifyError, match=said):
        read("dev", None)
    assert len(asked.read_text().splitlines()) == 1


def test_another_folder_is_named_where_the_configuration_is_missing(pulumi: Callable[..., Path]) -> None:
    pulumi(INTERRUPTED.document, [])
    with pytest.raises(VerifyError, match=r"has no anf-smb:resourceGroup, .*--cwd FOLDER"):
        read("dev", None)
