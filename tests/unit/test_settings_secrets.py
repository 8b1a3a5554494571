"""Secrets of a stack: needed, encrypted, and never shown, wherever they were put by mistake."""

import pytest

from tests.unit.stack_config import DEV, JOIN, MOUNT, SECRETS, errors, load

DIRECTORY = DEV["anf-smb:activeDirectory"]


def test_a_missing_secret_is_an_error_with_the_command_that_sets_it() -> None:
    found = errors(dict.fromkeys(SECRETS))
    assert set(found) == set(SECRETS)
    assert "pulumi config set --secret anf-smb:smbPassword" in found["anf-smb:smbPassword"]


def test_a_secret_in_plain_text_is_an_error_and_is_not_shown() -> None:
    found = errors({}, secret_keys=["anf-smb:activeDirectoryPassword"])
    assert set(found) == {"anf-smb:smbPassword"}
    assert "stands in plain text" in found["anf-smb:smbPassword"]
    assert "change the password" in found["anf-smb:smbPassword"]
    assert MOUNT not in found["anf-smb:smbPassword"]


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


def test_what_is_no_secret_is_not_taken_as_one() -> None:
    found = errors({}, secret_keys=[*SECRETS, "anf-smb:smbUser"])
    assert set(found) == {"anf-smb:smbUser"}
    assert "without --secret" in found["anf-smb:smbUser"]
    assert "svc-web" not in found["anf-smb:smbUser"]


def test_a_password_is_not_in_the_settings_as_text() -> None:
    settings = load()
    assert MOUNT not in repr(settings)
    assert JOIN not in repr(settings)
