"""The one way connectors talk to a web API: timeouts, retries with backoff and jitter, exact decimals, no secrets.

What belongs here is true of every vendor. What a status code or an error envelope means belongs to the connector.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import requests
import tenacity

from connectors.base import SourceError, TransientError
from connectors.limits import Limits, Meter, Usage

RETRYABLE_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
REDACTED = "***"


def pause(seconds: float) -> None:
    """Wait before another attempt, where a client has no `sleep` of its own."""
    time.sleep(seconds)


class _Retry(Exception):
    """Internal: this attempt failed in a way that another attempt may cure."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


class _Session(requests.Session):
    """A session that looks up proxies and certificates in the environment once per server instead of once per request,
    and never in a .netrc: secrets come from the source's configuration alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.auth = _unchanged  # any `auth` keeps requests from reading .netrc, which would replace our own header
        self._settings: dict[tuple[Any, ...], Any] = {}

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """What `requests` would answer for the first URL of the same server."""
        if proxies:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        parts = urlsplit(url)
        asked = (parts.scheme, parts.netloc, stream, verify, cert)
        if asked not in self._settings:
            self._settings[asked] = super().merge_environment_settings(url, {}, stream, verify, cert)
        found = self._settings[asked]
        return {**found, "proxies": dict(found["proxies"])}


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


@dataclass
class HttpClient:
    """A `requests` session that retries what retrying can cure and says plainly what it cannot.

    `secrets` never appear in an error raised from here. `attempts` counts the first try too. `sleep` is replaceable so
    that tests of long waits take no time. `limits` hold for every attempt; a server that asks for a wait longer than
    `longest_wait_seconds` is not waited for.
    """

    base_url: str
    secrets: Iterable[str] = field(default=(), repr=False)
    timeout_seconds: float = 60.0
    attempts: int = 6
    max_wait_seconds: float = 30.0
    longest_wait_seconds: float = 600.0
    sleep: Callable[[float], None] | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.session: requests.Session = _Session()
        self.session.headers["User-Agent"] = "scoreline/0.1"
        self.secrets = tuple(secret for secret in self.secrets if secret)
        self.meter = Meter(self.limits, lambda seconds: (self.sleep or pause)(seconds))

    @property
    def usage(self) -> Usage:
        """What has been used of the limits so far."""
        return self.meter.usage()

    def redact(self, text: str) -> str:
        """The text with every known secret blotted out."""
        for secret in self.secrets:
            text = text.replace(secret, REDACTED)
        return text

    def request(
        self,
        method: str,
        path: str,
        *,
        retry_status: Iterable[int] = (),
        retry_when: Callable[[requests.Response], str | None] | None = None,
        **options: Any,
    ) -> requests.Response:
        """One call, retried on connection errors, timeouts, torn bodies and retryable statuses; other statuses return.

        `retry_when` looks at an answer first: the reason it gives makes it one to retry, for vendors that report
        passing trouble inside HTTP 200. A `Retry-After` header is honoured. Raises TransientError once the attempts are
        used up.
        """
        url = path if path.startswith(("http://", "https://")) else self.base_url.rstrip("/") + "/" + path.lstrip("/")
        retryable = RETRYABLE_STATUS | set(retry_status)

        def attempt() -> requests.Response:
            try:
                with self.meter.request():
                    response = self.session.request(method, url, timeout=self.timeout_seconds, **options)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                raise _Retry(self.redact(f"{type(error).__name__}: {error}")) from None
            self._refuse_torn_body(response)
            reason = retry_when(response) if retry_when else None
            if reason:
                raise _Retry(reason, _retry_after(response))
            if response.status_code in retryable:
                raise _Retry(f"HTTP {response.status_code}", _retry_after(response))
            return response

        return self._retrying(attempt, f"{method} {url}")

    def json(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Status and parsed JSON body (None when empty); numbers with a fraction become Decimal, never float."""
        response = self.request(method, path, **options)
        return response.status_code, self.parse(response)

    def parse(self, response: requests.Response) -> Any:
        """The JSON body with exact decimals; SourceError when the body is not JSON."""
        if not response.content:
            return None
        try:
            return json.loads(response.content, parse_float=Decimal)
        except ValueError:
            start = self.redact(response.text[:200])
            where = response.url.split("?")[0]
            raise SourceError(
                f"{where} answered HTTP {response.status_code} with a body that is not JSON: {start!r}"
            ) from None

    def _refuse_torn_body(self, response: requests.Response) -> None:
        declared = response.headers.get("Content-Length")
        encoded = response.headers.get("Content-Encoding")
        if declared is None or encoded or response.request.method == "HEAD":
            return
        if len(response.content) < int(declared):
            raise _Retry(f"body cut off after {len(response.content)} of {declared} bytes")

    def _retrying(self, attempt: Callable[[], requests.Response], what: str) -> requests.Response:
        backoff = tenacity.wait_random_exponential(multiplier=0.5, max=self.max_wait_seconds)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = getattr(error, "wait_seconds", None)
            if asked is not None and asked > self.longest_wait_seconds:
                raise TransientError(
                    self.redact(
                        f"{what.split('?')[0]}: {error}; the server asks to wait {asked:g} s, so try again then"
                    )
                )
            return float(asked) if asked is not None else backoff(state)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Retry),
            stop=tenacity.stop_after_attempt(self.attempts),
            wait=wait,
            reraise=True,
            sleep=self.sleep or pause,
        )
        try:
            return retrying(attempt)
        except _Retry as error:
            raise TransientError(
                self.redact(f"{what.split('?')[0]} failed {self.attempts} times; last: {error}")
            ) from None


def _retry_after(response: requests.Response) -> float | None:
    """Seconds the server asks to wait; only the delta-seconds form is used by the vendors we know."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.replace(".", "", 1).isdigit() else None
