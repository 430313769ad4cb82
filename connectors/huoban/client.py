"""Talking to 伙伴云: one key in a header of its own, reads are POST, success is code 0."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import requests

from connectors.base import ConfigurationError, SourceError, TransientError
from connectors.http import HttpClient, pause
from connectors.huoban.config import VENDOR_LIMITS, HuobanConfig
from connectors.limits import Usage

THROTTLED_ATTEMPTS = 12
REFUSED = frozenset({401, 403})

Answer = dict[str, Any]


class HuobanClient:
    """Authorised calls; `call` gives the `data` part of a successful answer."""

    def __init__(self, config: HuobanConfig, sleep: Callable[[float], None] | None = None) -> None:
        self._config = config
        secret = config.api_key.get_secret_value()
        self._http = HttpClient(
            config.url,
            secrets=(secret,),
            timeout_seconds=config.timeout_seconds,
            sleep=sleep,
            limits=config.limits.or_vendors(VENDOR_LIMITS),
        )
        self._http.session.headers["Open-Authorization"] = f"Bearer {secret}"

    def call(self, path: str, body: Answer | None = None) -> Answer:
        """The `data` of the answer. Raises a SourceError that says what is wrong and what to do."""
        data = self._answer(path, body or {})[1].get("data")
        return data if isinstance(data, dict) else {}

    def clock(self) -> datetime:
        """The vendor's clock, from the Date header of an answer (whole seconds, UTC)."""
        response, _ = self._answer("/table/list", {"space_id": self._config.space_id})
        stamp = response.headers.get("Date")
        if not stamp:
            raise SourceError(f"{self._config.url} answers without a Date header, so its clock is unknown")
        return parsedate_to_datetime(stamp).astimezone(UTC)

    def usage(self) -> Usage:
        """Requests so far and the limits they keep."""
        return self._http.usage

    def _answer(self, path: str, body: Answer) -> tuple[requests.Response, Answer]:
        for _ in range(THROTTLED_ATTEMPTS):
            response = self._http.request("POST", path, json=body, allow_redirects=False)
            answer = self._parsed(path, response)
            if response.ok and answer.get("code") == 0:
                return response, answer
            if not self._is_throttled(answer):
                raise self._refusal(path, response.status_code, answer)
            (self._http.sleep or pause)(self._config.throttle_wait_seconds)
        raise TransientError(f"{self._where(path)} was refused {THROTTLED_ATTEMPTS} times because calls come too often")

    def _is_throttled(self, answer: Answer) -> bool:
        message = str(answer.get("message", "")).lower()
        return answer.get("code") in self._config.throttle_codes or any(
            word in message for word in self._config.throttle_words
        )

    def _parsed(self, path: str, response: requests.Response) -> Answer:
        try:
            answer = orjson.loads(response.content)
        except ValueError:
            answer = self._http.parse(response)
        if not isinstance(answer, dict) or "code" not in answer:
            start = self._http.redact(response.text[:200])
            raise SourceError(f"{self._where(path)} answered HTTP {response.status_code} without a code: {start!r}")
        return answer

    def _refusal(self, path: str, status: int, answer: Answer) -> SourceError:
        text = self._http.redact(str(answer.get("message", "no message")))
        trace = (answer.get("meta") or {}).get("trace_id", "none")
        told = f"{self._where(path)} answered HTTP {status}, code {answer.get('code')} ({text}), trace {trace}"
        if status in REFUSED or answer.get("code") in REFUSED:
            return ConfigurationError(f"{told}. Check api_key and that it may use this workspace and table")
        return SourceError(f"{told}. Check space_id and the stream's table_id with `scoreline sources describe`")

    def _where(self, path: str) -> str:
        return self._config.url + path
