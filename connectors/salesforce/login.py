"""The two ways to get a token: client credentials, and an assertion signed with the app's private key (JWT bearer)."""

import base64
import json
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.base import ConfigurationError
from connectors.salesforce.config import SalesforceConfig

ASSERTION_SECONDS = 180
"""How long an assertion is valid; the vendor allows a few minutes."""


def token_form(config: SalesforceConfig) -> dict[str, str]:
    """The fields of a token request. Raises ConfigurationError for a private key that is none."""
    if config.client_secret is not None:
        secret = config.client_secret.get_secret_value()
        return {"grant_type": "client_credentials", "client_id": config.client_id, "client_secret": secret}
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": _assertion(config)}


def secrets_of(config: SalesforceConfig) -> list[str]:
    """What must not be shown."""
    held = [config.client_secret, config.private_key]
    return [secret.get_secret_value() for secret in held if secret is not None]


def _assertion(config: SalesforceConfig) -> str:
    claims = {
        "iss": config.client_id,
        "sub": config.username,
        "aud": config.jwt_audience,
        "exp": int(time.time()) + ASSERTION_SECONDS,
    }
    signed = f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    return f"{signed}.{_base64(_key(config).sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _key(config: SalesforceConfig) -> RSAPrivateKey:
    text = config.private_key.get_secret_value() if config.private_key else ""
    try:
        # Keys often come through an environment variable, with line ends written as \\n.
        key = load_pem_private_key(text.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError(
            f"{config.login_url}: `private_key` is no RSA private key; expected PEM text that begins with "
            "-----BEGIN PRIVATE KEY-----, without a passphrase"
        )
    return key


def _encoded(part: dict[str, Any]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
