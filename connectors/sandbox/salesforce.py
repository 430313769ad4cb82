"""The loopback Salesforce: OAuth token, SOQL query and queryAll with locators, describe and limits over HTTP.

It answers as the vendor does (error envelopes, paging, `Sforce-Limit-Info` on every reply), over the benchmark company.
Tests reach the records and switches through `app.state.db` (see `SalesforceDb`).
"""

import base64
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_crm import DemoCrm
from connectors.sandbox.salesforce_bulk import MOST_RECORDS, Job
from connectors.sandbox.salesforce_db import SalesforceDb, salesforce_id, stamp
from connectors.sandbox.salesforce_objects import describe, summary
from connectors.sandbox.salesforce_soql import Query, Record, SoqlError, parse
from connectors.sandbox.salesforce_truth import fill

OPEN_RESULTS = 10
"""Results a user may hold open; the oldest is forgotten for the next."""
LONGEST_ADDRESS = 16_384
_ORG_URL = "https://login.salesforce.com/id/00Dxx0000000001EAA/005xx000001SvogAAC"

Answer = Callable[[Request], Awaitable[Response]]


class _Refusal(Exception):
    """An error envelope of the data API."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class _Result:
    """An open query result: what is left to send is found by offset."""

    query: Query
    rows: list[Record]


JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
USERNAME = "integration@bench.example"
"""The user who approved the connected app."""
AUDIENCES = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
LONGEST_ASSERTION = 300
"""Seconds an assertion may be valid for."""
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - guards made-up records on loopback only


def salesforce_app(
    company: BenchmarkCompany,
    *,
    client_id: str = "scoreline",
    client_secret: str = CLIENT_SECRET,
    certificate: str | None = None,
) -> Starlette:
    """A Starlette application showing the company as one Salesforce org; its store is `app.state.db`.

    certificate: the public key (PEM) of the connected app; with it the JWT bearer flow is open to `USERNAME`.
    """
    db = SalesforceDb()
    fill(db, company)
    org = _Org(db, client_id, client_secret, certificate)
    data = "/services/data/v{version}"
    app = Starlette(
        routes=[
            Route("/services/oauth2/token", org.token, methods=["POST"]),
            Route("/services/data/", org.versions),
            Route(data + "/limits/", org.guarded(org.limits)),
            Route(data + "/limits", org.guarded(org.limits)),
            Route(data + "/sobjects/", org.guarded(org.sobjects)),
            Route(data + "/sobjects", org.guarded(org.sobjects)),
            Route(data + "/sobjects/{name}/describe/", org.guarded(org.describe)),
            Route(data + "/sobjects/{name}/describe", org.guarded(org.describe)),
            Route(data + "/query/", org.guarded(org.query)),
            Route(data + "/query", org.guarded(org.query)),
            Route(data + "/queryAll/", org.guarded(org.query_all)),
            Route(data + "/queryAll", org.guarded(org.query_all)),
            Route(data + "/query/{locator}", org.guarded(org.more)),
            Route(data + "/queryAll/{locator}", org.guarded(org.more)),
            Route(data + "/jobs/query", org.guarded(org.job_create), methods=["POST"]),
            Route(data + "/jobs/query", org.guarded(org.job_list)),
            Route(data + "/jobs/query/{job}", org.guarded(org.job), methods=["GET", "PATCH", "DELETE"]),
            Route(data + "/jobs/query/{job}/results", org.guarded(org.job_results)),
            Route("/services/data/{rest:path}", org.guarded(org.not_found)),
        ]
    )
    app.state.db = db
    return app


_OBJECTS = {
    "account": "Account",
    "case": "Case",
    "contract": "Contract",
    "lead": "Lead",
    "opportunity": "Opportunity",
    "quote": "Quote",
}
DEMO_CRM = DemoCrm(salesforce_app, lambda kind, key: salesforce_id(_OBJECTS[kind], key), CLIENT_SECRET)


class _Org:
    """The endpoints of one org over one store."""

    def __init__(self, db: SalesforceDb, client_id: str, client_secret: str, certificate: str | None) -> None:
        self.db, self.client_id, self.client_secret, self.certificate = db, client_id, client_secret, certificate

    async def token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        refusal = self._refused(form, request)
        if refusal is not None:
            return _token_error(*refusal)
        token = f"00Dxx0000000001!{secrets.token_urlsafe(48)}"
        self.db.tokens[token] = 0
        instance = f"{request.url.scheme}://{request.url.netloc}"
        values = {"access_token": token, "signature": "c2FuZGJveA==", "scope": "api", "instance_url": instance}
        return _json({**values, "id": _ORG_URL, "token_type": "Bearer", "issued_at": "1766400000000"})

    def _refused(self, form: dict[str, str], request: Request) -> tuple[str, str] | None:
        """Error and description of a refused login; None when the caller may come in."""
        if form.get("grant_type") == JWT_BEARER:
            return self._refused_assertion(form.get("assertion", ""))
        if form.get("grant_type") != "client_credentials":
            return "unsupported_grant_type", "grant type not supported"
        client_id, client_secret = form.get("client_id"), form.get("client_secret")
        scheme, _, basic = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            client_id, _, client_secret = base64.b64decode(basic).decode().partition(":")
        if client_id != self.client_id:
            return "invalid_client_id", "client identifier invalid"
        return None if client_secret == self.client_secret else ("invalid_client", "invalid client credentials")

    def _refused_assertion(self, assertion: str) -> tuple[str, str] | None:
        """What is wrong with a signed assertion: signature, issuer, user, audience, or a life of more than minutes."""
        if self.certificate is None:
            return "invalid_grant", "user hasn't approved this consumer"
        claims = verified_claims(assertion, self.certificate)
        if claims is None:
            return "invalid_grant", "invalid assertion"
        if claims.get("iss") != self.client_id:
            return "invalid_client_id", "client identifier invalid"
        if claims.get("sub") != USERNAME:
            return "invalid_grant", "user hasn't approved this consumer"
        if claims.get("aud") not in AUDIENCES:
            return "invalid_grant", "audience is invalid"
        left = float(claims.get("exp", 0)) - time.time()
        return None if 0 < left <= LONGEST_ASSERTION else ("invalid_grant", "expired authorization code")

    async def job_create(self, request: Request) -> Response:
        asked = json.loads(await request.body())
        if asked.get("operation") not in ("query", "queryAll"):
            raise _Refusal(400, "INVALIDJOB", "operation must be query or queryAll")
        query = parse(asked.get("query", ""), self.db.specs, self.db.hidden)
        rows = query.run(list(self.db.rows(query.spec.name, asked["operation"] == "queryAll")))
        version = request.path_params["version"]
        now = stamp(datetime.now(UTC))
        return _json(self.db.jobs.create(query, [dict(row) for row in rows], version, asked["operation"], now).head())

    async def job_list(self, request: Request) -> Response:
        found = [job.head() for job in self.db.jobs.made.values()]
        return _json({"done": True, "records": found, "nextRecordsUrl": None})

    async def job(self, request: Request) -> Response:
        found = self._job(request)
        if request.method == "DELETE":
            del self.db.jobs.made[found.id]
            return Response(status_code=204)
        if request.method == "PATCH":
            found.state = json.loads(await request.body())["state"]
            return _json(found.head())
        return _json(found.poll())

    async def job_results(self, request: Request) -> Response:
        found = self._job(request)
        if found.version != request.path_params["version"]:
            raise _Refusal(409, "API_ERROR", "results must be read with the version the job was made with")
        if found.state != "JobComplete":
            raise _Refusal(400, "INVALIDJOBSTATE", "the job is not complete")
        most = int(request.query_params.get("maxRecords", MOST_RECORDS))
        text, count, following = found.page(request.query_params.get("locator"), min(most, MOST_RECORDS))
        headers = {"Sforce-NumberOfRecords": str(count), "Sforce-Locator": following or "null"}
        return Response(text.encode(), headers=headers, media_type="text/csv")

    def _job(self, request: Request) -> Job:
        found = self.db.jobs.made.get(request.path_params["job"])
        if found is None:
            raise _Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return found

    async def versions(self, request: Request) -> Response:
        known = [f"{number}.0" for number in (65, 66, 67)]
        return _json([{"label": version, "url": f"/services/data/v{version}", "version": version} for version in known])

    def guarded(self, answer: Answer) -> Answer:
        """The endpoint behind session, allowance and error envelope; every reply tells the API usage."""

        async def guard(request: Request) -> Response:
            try:
                self._admit(request)
                response = await answer(request)
            except SoqlError as error:
                response = _envelope(400, error.code, error.message)
            except _Refusal as error:
                response = _envelope(error.status, error.code, error.message)
            response.headers["Sforce-Limit-Info"] = f"api-usage={self.db.calls}/{self.db.daily_limit}"
            return response

        return guard

    def _admit(self, request: Request) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").removeprefix("OAuth ")
        used = self.db.tokens.get(token)
        allowed = self.db.calls_per_token
        if used is None or (allowed is not None and used >= allowed):
            raise _Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if self.db.calls >= self.db.daily_limit:
            raise _Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self.db.tokens[token] = used + 1
        self.db.calls += 1
        if len(request.url.path) + len(request.url.query) > LONGEST_ADDRESS:
            raise _Refusal(414, "URI_TOO_LONG", "URI Too Long")

    async def limits(self, request: Request) -> Response:
        left = self.db.daily_limit - self.db.calls
        jobs = {"Max": 10_000, "Remaining": 10_000 - len(self.db.jobs.made)}
        daily = {"Max": self.db.daily_limit, "Remaining": left}
        return _json({"DailyApiRequests": daily, "DailyBulkV2QueryJobs": jobs})

    async def sobjects(self, request: Request) -> Response:
        shown = [summary(spec) for spec in self.db.specs.values() if "*" not in self.db.hidden.get(spec.name, ())]
        return _json({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown})

    async def describe(self, request: Request) -> Response:
        name = request.path_params["name"]
        hidden = self.db.hidden.get(name, frozenset())
        if name not in self.db.specs or "*" in hidden:
            raise _Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return _json(describe(self.db.specs[name], hidden))

    async def query(self, request: Request) -> Response:
        return self._asked(request, deleted=False)

    async def query_all(self, request: Request) -> Response:
        return self._asked(request, deleted=True)

    async def more(self, request: Request) -> Response:
        locator, _, offset = request.path_params["locator"].rpartition("-")
        if locator not in self.db.locators or not offset.isdigit():
            raise _Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._batch(request, locator, self.db.locators[locator], int(offset))

    async def not_found(self, request: Request) -> Response:
        raise _Refusal(404, "NOT_FOUND", "The requested resource does not exist")

    def _asked(self, request: Request, deleted: bool) -> Response:
        query = parse(request.query_params.get("q", ""), self.db.specs, self.db.hidden)
        rows = query.run(list(self.db.rows(query.spec.name, deleted)))
        if query.counts:
            return _json({"totalSize": len(rows), "done": True, "records": []})
        locator = "01g" + secrets.token_hex(8)[:15]
        return self._batch(request, locator, _Result(query, rows), 0)

    def _batch(self, request: Request, locator: str, result: _Result, offset: int) -> Response:
        end = offset + min(_batch_size(request), self.db.max_batch)
        version = request.path_params["version"]
        answer: dict[str, Any] = {"totalSize": len(result.rows), "done": end >= len(result.rows)}
        if answer["done"]:
            self.db.locators.pop(locator, None)
        else:
            self._keep(locator, result)
            answer["nextRecordsUrl"] = f"/services/data/v{version}/query/{locator}-{end}"
        shown = [self._shown(row, result.query, version) for row in result.rows[offset:end]]
        return _json({**answer, "records": shown})

    def _keep(self, locator: str, result: _Result) -> None:
        self.db.locators[locator] = result
        while len(self.db.locators) > OPEN_RESULTS:
            del self.db.locators[next(iter(self.db.locators))]

    def _shown(self, row: Record, query: Query, version: str) -> Record:
        name = query.spec.name
        url = f"/services/data/v{version}/sobjects/{name}/{row['Id']}"
        shown = {"attributes": {"type": name, "url": url}, **{field: row[field] for field in query.fields}}
        for field in query.compounds:
            shown[field] = _address(query, row, field)
        if self.db.zulu:
            shown |= {field: row[field].replace("+0000", "Z") for field in query.times if row[field]}
        return shown


def verified_claims(assertion: str, certificate: str) -> dict[str, Any] | None:
    """The claims of an RS256 assertion; None when it is not signed by the owner of that key."""
    try:
        signed, _, signature = assertion.rpartition(".")
        head, _, claims = signed.partition(".")
        key = load_pem_public_key(certificate.encode())
        if not isinstance(key, RSAPublicKey) or json.loads(_decoded(head)).get("alg") != "RS256":
            return None
        key.verify(_decoded(signature), signed.encode(), PKCS1v15(), SHA256())
        return dict(json.loads(_decoded(claims)))
    except (InvalidSignature, ValueError):
        return None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _address(query: Query, row: Record, compound: str) -> Record | None:
    parts = {
        name.removeprefix(compound.removesuffix("Address")).lower(): row[name]
        for name, field in query.spec.fields.items()
        if field.compound == compound
    }
    return parts if any(parts.values()) else None


def _batch_size(request: Request) -> int:
    """Rows asked for by the query options header, within the vendor's 200 to 2,000."""
    wanted = request.headers.get("Sforce-Query-Options", "").partition("batchSize=")[2]
    return min(max(int(wanted), 200), 2_000) if wanted.isdigit() else 2_000


def _json(value: Any, status: int = 200) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, media_type="application/json;charset=UTF-8")


def _envelope(status: int, code: str, message: str) -> Response:
    return _json([{"message": message, "errorCode": code}], status)


def _token_error(error: str, description: str) -> Response:
    return _json({"error": error, "error_description": description}, 400)


__all__ = ["SalesforceDb", "salesforce_app", "salesforce_id"]
