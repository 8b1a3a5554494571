"""Access tokens as they are checked with each request."""

import time

import pytest

from sandbox.azure.entra.access_tokens import AccessTokens, SigningKey
from sandbox.azure.entra.principals import Principal
from sandbox.azure.errors import ArmError
from sandbox.testing.azure_clients import AzureClients


def test_a_token_that_was_good_once_expires(emulator: AzureClients) -> None:
    moment = [time.time()]
    tokens = AccessTokens(SigningKey.ensure(emulator.paths), now=lambda: moment[0])
    authorization = f"Bearer {tokens.issue(Principal('app', 'object'), 'https://localhost/')}"
    assert tokens.check(authorization, ("https://localhost",))["appid"] == "app"
    moment[0] += 3600
    with pytest.raises(ArmError, match="expiry UTC time"):
        tokens.check(authorization, ("https://localhost",))
