"""Access tokens of the sandbox's tenant: issued to principals, and checked when they come with a request."""

import hashlib
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import rsa
from filelock import FileLock
from jwt.algorithms import RSAAlgorithm
from jwt.types import Options
from jwt.utils import base64url_encode

from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.principals import Principal
from sandbox.azure.errors import ArmError
from sandbox.paths import SandboxPaths
from sandbox.private_files import write_private

_LOCK_SECONDS: Final = 30
LIFETIME: Final = 3599
"""Seconds that a token is good for."""
_KNOWN_TOKENS: Final = 256
"""Tokens whose signatures are not verified again."""

# Azure has errors of its own for the expiry and the audience, which PyJWT would refuse in other words.
_SIGNATURE_ALONE: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}


class SigningKey:
    """An RSA key (RS256), in a file that only its owner may read."""

    def __init__(self, private: rsa.RSAPrivateKey) -> None:
        self.private = private
        self.public = private.public_key()

    @classmethod
    def ensure(cls, paths: SandboxPaths) -> "SigningKey":
        file = paths.root / "token-signing.key"
        paths.root.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{file}.lock", timeout=_LOCK_SECONDS):
            if not file.exists():
                new = rsa.generate_private_key(public_exponent=65537, key_size=2048)
                form = (pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
                write_private(file, new.private_bytes(*form))
            key = pem.load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise RuntimeError(f"{file} does not hold an RSA key. Remove it to have a new one made.")
        return cls(key)

    @cached_property
    def id(self) -> str:
        der = self.public.public_bytes(pem.Encoding.DER, pem.PublicFormat.SubjectPublicKeyInfo)
        return base64url_encode(hashlib.sha256(der).digest()[:20]).decode()

    def jwks(self) -> dict[str, Any]:
        key = RSAAlgorithm.to_jwk(self.public, as_dict=True)
        return {"keys": [{"kty": "RSA", "use": "sig", "kid": self.id, "n": key["n"], "e": key["e"]}]}


class AccessTokens:
    """Signs and checks them with the tenant's key."""

    def __init__(self, key: SigningKey, now: Callable[[], float] = time.time) -> None:
        self.key = key
        self._now = now
        self._signed = lru_cache(_KNOWN_TOKENS)(self._verified)

    def issue(self, principal: Principal, audience: str, *, proof: str = "1") -> str:
        """Return a token of a principal for an audience. `proof`: it was known by a secret (1) or a certificate (2)."""
        now = int(self._now())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{TENANT}/",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "appid": principal.client_id,
            "appidacr": proof,
            "idtyp": "app",
            "oid": principal.object_id,
            "sub": principal.object_id,
            "tid": TENANT,
            "uti": uuid.uuid4().hex[:22],
            "ver": "1.0",
        }
        if principal.resource_id:
            claims["xms_mirid"] = principal.resource_id
        return jwt.encode(claims, self.key.private, "RS256", headers={"kid": self.key.id})

    def check(self, authorization: str | None, audiences: tuple[str, ...]) -> Mapping[str, Any]:
        """Return the claims of a request's token; ArmError 401 if it is missing, not ours, expired or for others."""
        if not authorization:
            raise _failed("is missing")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise _failed("is provided in an invalid format")
        try:
            claims = self._signed(token.strip())
        except (jwt.InvalidTokenError, RecursionError):
            raise ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.") from None
        now = self._now()
        if claims["exp"] <= now:
            text = (
                f"The access token expiry UTC time '{_clock(claims['exp'])}' is earlier than current UTC time "
                f"'{_clock(now)}'."
            )
            raise ArmError(401, "ExpiredAuthenticationToken", text)
        if str(claims["aud"]).rstrip("/") not in {audience.rstrip("/") for audience in audiences}:
            text = (
                f"The access token has been obtained for wrong audience or resource '{claims['aud']}'. It should "
                f"exactly match with one of the allowed audiences '{','.join(audiences)}'."
            )
            raise ArmError(401, "InvalidAuthenticationTokenAudience", text)
        return claims

    def _verified(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token with our signature; a client sends the same one with each of its requests."""
        return jwt.decode(token, self.key.public, ["RS256"], options=_SIGNATURE_ALONE)


def _failed(why: str) -> ArmError:
    return ArmError(401, "AuthenticationFailed", f"Authentication failed. The 'Authorization' header {why}.")


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%m/%d/%Y %I:%M:%S %p")
