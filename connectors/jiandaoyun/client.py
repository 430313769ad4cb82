"""Talking to 简道云: one key, POST only, errors as HTTP 400 with a code."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import requests

from connectors.base import ConfigurationError, SourceError, TransientError
from connectors.http import HttpClient, pause
from connectors.jiandaoyun.config import VENDOR_LIMITS, JiandaoyunConfig
from connectors.limits import Usage

WRONG_KEY = frozenset({8301, 8302})
THROTTLED_ATTEMPTS = 12

Answer = dict[str, Any]


class JiandaoyunClient:
    """Authorised POST calls."""

    def __init__(self, config: JiandaoyunConfig, sleep: Callable[[float], None] | None = None) -> None:
        self._config = config
        secret = config.api_key.get_secret_value()
        self._http = HttpClient(
            config.url,
            secrets=(secret,),
            timeout_seconds=config.timeout_seconds,
            sleep=sleep,
            limits=config.limits.or_vendors(VENDOR_LIMITS),
        )
        self._http.session.headers["Authorization"] = f"Bearer {secret}"

    def call(self, path: str, key: str, body: Answer | None = None) -> Any:
        """What stands under `key` in the successful answer. Raises a SourceError that says what to do."""
        answer = self._answer(path, body or {})[1]
        if not isinstance(answer, dict) or key not in answer:
            raise SourceError(f"{self._where(path)} answered without {key!r}: {self._http.redact(str(answer)[:200])}")
        return answer[key]

    def clock(self) -> datetime:
        """The vendor's clock, from the Date header of an answer (whole seconds, UTC)."""
        response, _ = self._answer("/v5/app/list", {"skip": 0, "limit": 1})
        stamp = response.headers.get("Date")
        if not stamp:
            raise SourceError(f"{self._config.url} answers without a Date header, so its clock is unknown")
        return parsedate_to_datetime(stamp).astimezone(UTC)

    def usage(self) -> Usage:
        """Requests so far and the limits they keep."""
        return self._http.usage

    def _answer(self, path: str, body: Answer) -> tuple[requests.Response, Any]:
        for _ in range(THROTTLED_ATTEMPTS):
            response = self._http.request("POST", path, json=body, allow_redirects=False)
            answer = self._parsed(response)
            code = answer.get("code") if isinstance(answer, dict) else None
            if response.ok and code in (None, 0):
                return response, answer
            if code != self._config.throttle_code:
                raise self._refusal(path, response.status_code, answer)
            (self._http.sleep or pause)(self._config.throttle_wait_seconds)
        raise TransientError(f"{self._where(path)} was refused {THROTTLED_ATTEMPTS} times because calls come too often")

    def _parsed(self, response: requests.Response) -> Any:
        try:
            return orjson.loads(response.content)
        except ValueError:
            return self._http.parse(response)

    def _refusal(self, path: str, status: int, answer: Any) -> SourceError:
        error = answer if isinstance(answer, dict) else {}
        code, text = error.get("code"), self._http.redact(str(error.get("msg", "no message")))
        told = f"{self._where(path)} answered HTTP {status}, code {code} ({text})"
        if code in WRONG_KEY or status in (401, 403):
            return ConfigurationError(
                f"{told}. Check api_key (开放平台, 密钥管理) and that it may use this application and interface"
            )
        return SourceError(f"{told}. Check app_id and entry_id of the stream with `scoreline sources describe`")

    def _where(self, path: str) -> str:
        return self._config.url + path
