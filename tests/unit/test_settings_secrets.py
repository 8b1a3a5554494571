"""Secrets of a stack: required, encrypted and never shown, even under a wrong key."""

import pytest

from tests.unit.stack_config import DEV, JOIN, MOUNT, SECRETS, TRIDENT, errors, load

SIGNS_IN = {
    "anf-smb:trident": {
        "version": "100.2606.0",
        "authentication": "clientSecret",
        "clientId": "00000000-0000-0000-0000-000000000000",
    }
}
DIRECTORY = DEV["anf-smb:activeDirectory"]


def test_a_missing_secret_is_an_error_with_the_command_that_sets_it() -> None:
    found = errors(SIGNS_IN | dict.fromkeys(SECRETS))
    assert set(found) == set(SECRETS)
    assert "pulumi config set --secret anf-smb:smbPassword" in found["anf-smb:smbPassword"]


def test_a_secret_in_plain_text_is_an_error_and_is_not_shown() -> None:
    found = errors({}, secret_keys=["anf-smb:activeDirectoryPassword", "anf-smb:tridentClientSecret"])
    assert set(found) == {"anf-smb:smbPassword"}
    assert "is in plain text" in found["anf-smb:smbPassword"]
    assert "change the password" in found["anf-smb:smbPassword"]
    assert MOUNT not in found["anf-smb:smbPassword"]


def test_a_client_secret_is_needed_only_by_who_signs_in_with_one() -> None:
    without = {"anf-smb:tridentClientSecret": None}
    assert load(without).backend_args.get("client_secret") is None
    assert load(SIGNS_IN | without | {"anf-smb:dynamicClaims": None}).backend_args.get("client_secret") is None
    assert set(errors(SIGNS_IN | without)) == {"anf-smb:tridentClientSecret"}
    assert load(SIGNS_IN).backend_args.get("client_secret")


def test_a_client_secret_in_plain_text_is_an_error_even_where_nobody_needs_it() -> None:
    found = errors({}, secret_keys=["anf-smb:activeDirectoryPassword", "anf-smb:smbPassword"])
    assert set(found) == {"anf-smb:tridentClientSecret"}
    assert TRIDENT not in found["anf-smb:tridentClientSecret"]


@pytest.mark.parametrize("value", ["", "p\n", "x" * 65])
def test_an_unusable_password_is_an_error_and_is_not_shown(value: str) -> None:
    found = errors({"anf-smb:activeDirectoryPassword": value})["anf-smb:activeDirectoryPassword"]
    assert "1 to 64 characters" in found
    assert not value or value not in found.replace("\n", "", 1)


def test_a_password_under_a_key_that_is_not_known_is_not_shown() -> None:
    found = errors(
        {
            "anf-smb:smbPasword": MOUNT,
            "anf-smb:smbUser": {"domain": "CONTOSO", "username": "u", "password": MOUNT},
            "anf-smb:activeDirectory": DIRECTORY | {"password": JOIN},
        }
    )
    assert set(found) == {"anf-smb:smbPasword", "anf-smb:smbUser.password", "anf-smb:activeDirectory.password"}
    assert "did you mean anf-smb:smbPassword?" in found["anf-smb:smbPasword"]
    assert MOUNT not in "".join(found.values())
    assert JOIN not in "".join(found.values())


def test_a_plain_key_that_is_encrypted_is_an_error() -> None:
    found = errors({}, secret_keys=[*SECRETS, "anf-smb:smbUser"])
    assert set(found) == {"anf-smb:smbUser"}
    assert "without --secret" in found["anf-smb:smbUser"]
    assert "svc-web" not in found["anf-smb:smbUser"]


def test_a_password_is_not_in_the_settings_as_text() -> None:
    settings = load()
    assert MOUNT not in repr(settings)
    assert JOIN not in repr(settings)
    assert TRIDENT not in repr(settings)
