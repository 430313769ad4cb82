"""Talking to one Fxiaoke tenant: tokens of both conventions, calls, and what its business codes mean.

Every answer is HTTP 200; what went wrong stands in `errorCode`, and only there (texts change).
"""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import requests

from connectors.base import ConfigurationError, SourceError, TransientError
from connectors.fxiaoke.config import VENDOR_LIMITS, FxiaokeConfig
from connectors.http import HttpClient, pause
from connectors.limits import Usage

PASSING = frozenset({-1, -2, 50009})
THROTTLED = frozenset({14001, 30004})
EXPIRED = frozenset({11014, 20005, 20016})
WRONG_APP = frozenset({20006, 20012, 20015, 20017})
NOT_ALLOWED = frozenset({15003, 20014, 20020, 20021, 20022, 20023})
NO_CALLS_LEFT, NO_CALLS_BOUGHT, NO_SUCH_PATH = 30002, 30003, 10006
THROTTLED_ATTEMPTS = 8
LONGEST_ERROR = 4_000
"""An answer longer than this holds records, so it need not be read twice to know that it is no error."""
RENEW_BEFORE_SECONDS = 600.0
"""The vendor gives a new token only in the last 600 seconds of the old one, which stays valid meanwhile."""

Answer = dict[str, Any]


class FxiaokeClient:
    """Authorised POST calls; a session that ends in mid-stream is replaced once per call."""

    def __init__(self, config: FxiaokeConfig, sleep: Callable[[float], None] | None = None) -> None:
        self._config = config
        self._secrets = (config.app_secret.get_secret_value(), config.permanent_code.get_secret_value())
        self._http = HttpClient(
            config.url,
            secrets=self._secrets,
            timeout_seconds=config.timeout_seconds,
            sleep=sleep,
            limits=config.limits.or_vendors(VENDOR_LIMITS),
        )
        self._session: Answer | None = None
        self._renew_at = 0.0
        self._login = threading.Lock()

    def call(self, path: str, body: Answer | None = None) -> Answer:
        """The successful answer (`errorCode` 0). Raises a SourceError that says what is wrong and what to do."""
        renewed = False
        for _ in range(THROTTLED_ATTEMPTS):
            session = self._logged_in()
            answer = self._parsed(self._post(path, body or {}, session))
            code = answer["errorCode"]
            if code == 0:
                return answer
            if code in EXPIRED and not renewed:
                renewed = True
                self._forget(session)
            elif code in THROTTLED:
                self._sleep(self._config.throttle_wait_seconds)
            else:
                raise self._refusal(path, answer)
        raise TransientError(f"{self._where(path)} was refused {THROTTLED_ATTEMPTS} times because calls come too often")

    def clock(self) -> datetime:
        """The vendor's clock, from the Date header of an answer (whole seconds, UTC)."""
        response = self._post("/cgi/crm/v2/object/list", {}, self._logged_in())
        stamp = response.headers.get("Date")
        if not stamp:
            raise SourceError(f"{self._config.url} answers without a Date header, so its clock is unknown")
        return parsedate_to_datetime(stamp).astimezone(UTC)

    def usage(self) -> Usage:
        """Requests so far and the limits they keep."""
        return self._http.usage

    def identity(self) -> str:
        """As whom we are logged in."""
        session = self._logged_in()
        return f"{session.get('ea') or session.get('corpId')} as {self._config.user_id} ({self._config.convention})"

    def _post(self, path: str, body: Answer, session: Answer) -> requests.Response:
        headers: dict[str, str] = {}
        params: dict[str, str] = {}
        if self._config.convention == "legacy":
            body = {
                "corpAccessToken": session["corpAccessToken"],
                "corpId": session["corpId"],
                "currentOpenUserId": self._config.user_id,
                **body,
            }
        else:
            headers = {
                "authorization": f"Bearer {session['accessToken']}",
                "x-fs-ea": session["ea"],
                "x-fs-userid": self._config.user_id,
            }
            params = {"thirdTraceId": str(uuid.uuid4())}
            # Without it people come as numbers that the list of employees does not know.
            body = {"convertUserId": True, **body}
        return self._http.request("POST", path, retry_when=_passing, json=body, headers=headers, params=params)

    def _logged_in(self) -> Answer:
        """The session; one login at a time, because the vendor refuses parallel ones."""
        with self._login:
            if self._session is None or time.monotonic() >= self._renew_at:
                self._session = self._log_in()
            return self._session

    def _forget(self, session: Answer) -> None:
        with self._login:
            if self._session is session:
                self._session = None

    def _log_in(self) -> Answer:
        secret, code = self._secrets
        body = {"appId": self._config.app_id, "appSecret": secret, "permanentCode": code}
        path, params = "/cgi/corpAccessToken/get/V2", {}
        if self._config.convention == "oauth":
            path, params = "/oauth2.0/token", {"thirdTraceId": str(uuid.uuid4())}
            body["grantType"] = "app_secret"
        for _ in range(THROTTLED_ATTEMPTS):
            answer = self._parsed(self._http.request("POST", path, retry_when=_passing, json=body, params=params))
            if answer["errorCode"] not in THROTTLED:
                return self._accepted(path, answer)
            self._sleep(self._config.throttle_wait_seconds)
        raise TransientError(f"{self._where(path)} gives no token: too many logins; try again later")

    def _accepted(self, path: str, answer: Answer) -> Answer:
        token = answer.get("corpAccessToken") or answer.get("accessToken")
        if answer["errorCode"] != 0 or not token:
            raise self._refusal(path, answer)
        self._http.secrets = (*self._secrets, str(token))
        self._renew_at = time.monotonic() + max(float(answer.get("expiresIn") or 0) - RENEW_BEFORE_SECONDS, 1.0)
        return answer

    def _parsed(self, response: requests.Response) -> Answer:
        try:
            answer = orjson.loads(response.content)
        except ValueError:
            answer = self._http.parse(response)
        if not isinstance(answer, dict) or not isinstance(answer.get("errorCode"), int):
            start = self._http.redact(response.text[:200])
            raise SourceError(
                f"{self._where(response.request.path_url)} answered HTTP {response.status_code} without an errorCode: "
                f"{start!r}; is `url` the address of the tenant's cloud?"
            )
        return answer

    def _refusal(self, path: str, answer: Answer) -> SourceError:
        code = answer["errorCode"]
        text = self._http.redact(str(answer.get("errorMessage")))
        told = f"{self._where(path)} answered errorCode {code} ({text}), trace {answer.get('traceId', 'none')}"
        if code in EXPIRED:
            return ConfigurationError(f"{told}. A new token is refused, too: check app_id and permanent_code")
        if code in WRONG_APP:
            return ConfigurationError(f"{told}. Check app_id, app_secret, permanent_code and user_id")
        if code in NOT_ALLOWED:
            return ConfigurationError(f"{told}. Let the app use this interface and object (管理后台, 开放平台)")
        if code == NO_CALLS_LEFT:
            return SourceError(f"{told}. The day's calls are used up; they come back at midnight, China time")
        if code == NO_CALLS_BOUGHT:
            return ConfigurationError(
                f"{told}. The enterprise has no Open API pack; buy one or sync from another system"
            )
        if code == NO_SUCH_PATH:
            return ConfigurationError(f"{told}. Check `url` and `convention`")
        return SourceError(told)

    def _sleep(self, seconds: float) -> None:
        (self._http.sleep or pause)(seconds)

    def _where(self, path: str) -> str:
        return self._config.url + path.split("?")[0]


def _passing(response: requests.Response) -> str | None:
    """The code of an answer that another attempt may cure: the vendor is busy or timed out inside."""
    if len(response.content) > LONGEST_ERROR:
        return None
    try:
        code = orjson.loads(response.content).get("errorCode")
    except (ValueError, AttributeError):
        return None
    return f"errorCode {code}" if code in PASSING else None
