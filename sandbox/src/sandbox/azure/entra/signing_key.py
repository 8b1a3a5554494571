"""The key that signs the sandbox's tokens: made once, kept in a file that only its owner may read."""

import base64
from functools import cached_property
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from filelock import FileLock

from sandbox.paths import SandboxPaths
from sandbox.private_files import write_private

_LOCK_SECONDS: Final = 30


class SigningKey:
    """An RSA key (RS256)."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    @classmethod
    def ensure(cls, paths: SandboxPaths) -> "SigningKey":
        """The key of a sandbox, made at first call."""
        file = paths.root / "token-signing.key"
        paths.root.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{file}.lock", timeout=_LOCK_SECONDS):
            if not file.exists():
                write_private(
                    file,
                    rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
                        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                    ),
                )
            key = serialization.load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise RuntimeError(f"{file} does not hold an RSA key. Remove it to have a new one made.")
        return cls(key)

    @cached_property
    def id(self) -> str:
        """The key's id: a digest of its public half."""
        digest = hashes.Hash(hashes.SHA256())
        digest.update(
            self._key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        return base64.urlsafe_b64encode(digest.finalize()[:20]).rstrip(b"=").decode()

    def sign(self, data: bytes) -> bytes:
        """Sign with RS256."""
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether a signature is this key's."""
        try:
            self._key.public_key().verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    def jwks(self) -> dict[str, Any]:
        """The public half, as `jwks_uri` answers it."""
        numbers = self._key.public_key().public_numbers()
        return {
            "keys": [
                {"kty": "RSA", "use": "sig", "kid": self.id, "n": _number(numbers.n), "e": _number(numbers.e)},
            ]
        }


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()
