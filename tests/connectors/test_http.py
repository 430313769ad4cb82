"""The session under every web connector: what it takes from the environment, and how often it looks."""

from pathlib import Path

import pytest
import requests

from connectors.http import HttpClient


def sent(client: HttpClient, url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[requests.PreparedRequest, dict]:
    """The request as it would leave, and the options it would leave with."""
    seen: list[tuple[requests.PreparedRequest, dict]] = []

    def send(_: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
        seen.append((request, options))
        answer = requests.Response()
        answer.status_code, answer._content, answer.request = 200, b"{}", request
        return answer

    monkeypatch.setattr(requests.Session, "send", send)
    client.request("POST", url, json={"limit": 1})
    return seen[0]


def test_a_netrc_never_replaces_the_configured_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine crm.example login someone password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    client = HttpClient("https://crm.example")
    client.session.headers["Authorization"] = "Bearer configured"
    request, _ = sent(client, "/items", monkeypatch)
    assert request.headers["Authorization"] == "Bearer configured"
    assert request.body == b'{"limit": 1}'


def test_proxies_and_certificates_of_the_environment_hold_for_each_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/company.pem")
    client = HttpClient("https://crm.example")
    proxied = {url: sent(client, url, monkeypatch)[1] for url in ("/items", "https://inside.example/items")}
    assert [options["proxies"].get("https") for options in proxied.values()] == ["http://proxy.example:3128", None]
    assert {options["verify"] for options in proxied.values()} == {"/etc/ssl/company.pem"}


def test_the_environment_is_searched_once_per_server(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    monkeypatch.setattr(requests.sessions, "get_environ_proxies", lambda url, no_proxy=None: searched.append(url) or {})
    client = HttpClient("https://crm.example")
    for path in ("/items?page=1", "/items?page=2", "https://other.example/items"):
        sent(client, path, monkeypatch)
    assert searched == ["https://crm.example/items?page=1", "https://other.example/items"]
