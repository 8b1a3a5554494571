"""JSON Web Tokens signed with RS256: taken apart, put together, and their signatures checked."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


@dataclass(frozen=True)
class Token:
    """A token as it came: nothing in it is to be believed before its signature has been checked."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    @classmethod
    def parse(cls, text: str) -> "Token":
        """Take a token apart; ValueError if it is none."""
        signed, _, signature = text.rpartition(".")
        head, _, body = signed.partition(".")
        header, claims = json.loads(_decode(head)), json.loads(_decode(body))
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise ValueError("a token consists of JSON objects")
        return cls(header, claims, signed.encode(), _decode(signature))

    def is_signed_by(self, key: Mapping[str, Any]) -> bool:
        """Whether the signature is that of a JSON Web Key (RSA)."""
        if key.get("kty") != "RSA" or self.header.get("alg") != "RS256":
            return False
        numbers = rsa.RSAPublicNumbers(_number(str(key["e"])), _number(str(key["n"])))
        try:
            numbers.public_key().verify(self.signature, self.signed, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


def encode(data: bytes) -> str:
    """Base64 as tokens have it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(content: Mapping[str, Any]) -> str:
    """A token's header or claims."""
    return encode(json.dumps(content).encode())


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _number(text: str) -> int:
    return int.from_bytes(_decode(text))
