"""`scoreline sources describe`: lists what a source offers, and drafts streams and mapping that the loader accepts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from connectors.sandbox.huoban import API_KEY, SPACE_ID, huoban_app
from connectors.sandbox.jiandaoyun import jiandaoyun_app
from connectors.sandbox.jiandaoyun_db import widget_id
from connectors.sandbox.server import Sandbox
from pipelines.cli import main
from pipelines.company import load_company
from tests.connectors.salesforce_company import tiny_company

COMPANY = (
    "name: {zh: 公司}\nlanguages: [zh]\ntime_zone: Asia/Shanghai\nreporting_currency: CNY\nroles: {sales_rep: [销售]}\n"
)
BARE = {
    "jiandaoyun": "type: jiandaoyun\nconnection:\n  url: {url}/api\n  api_key: ${{KEY}}\n",
    "huoban": "type: huoban\nconnection:\n  url: {url}/openapi/v1\n  api_key: ${{KEY}}\n"
    f"  space_id: '{SPACE_ID}'\n",
}
APPS = {"jiandaoyun": jiandaoyun_app, "huoban": huoban_app}


@pytest.fixture(params=["jiandaoyun", "huoban"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A company folder whose one source says where and with which key, and nothing of forms yet."""
    with Sandbox(APPS[kind](tiny_company())) as box:
        (tmp_path / "sources").mkdir()
        (tmp_path / "company.yaml").write_text(COMPANY, encoding="utf-8")
        write_source(tmp_path, BARE[kind].format(url=box.url), "mapping: {}\n")
        monkeypatch.setenv("SCORELINE_COMPANY", str(tmp_path))
        monkeypatch.setenv("KEY", API_KEY)
        yield tmp_path


def write_source(folder: Path, connection: str, rest: str) -> None:
    (folder / "sources" / "crm.yaml").write_text(f'{connection}{rest}schedule: "0 1 * * *"\n', encoding="utf-8")


def describe(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sources", "describe", *arguments])


def test_forms_and_fields_are_listed_with_their_permanent_ids(folder: Path, kind: str) -> None:
    result = describe("crm", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "10" in result.output.splitlines()[0]
    assert "客户  [seems to be customer_record]" in result.output and "预计成交日期" in result.output
    if kind == "jiandaoyun":
        assert f"客户名称  text  {widget_id('customer', '客户名称')} (customer_name)" in result.output


def test_the_draft_is_a_source_file_the_loader_accepts(folder: Path, kind: str, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    assert describe("crm", "--draft", str(draft)).exit_code == 0
    bare = (folder / "sources" / "crm.yaml").read_text(encoding="utf-8").split("mapping:")[0]
    write_source(folder, bare, draft.read_text(encoding="utf-8"))
    (source,) = load_company(folder, {"KEY": API_KEY}).sources
    assert source.mapped_streams() == {
        "customer_record": ("customer",),
        "contact": ("contact",),
        "lead": ("lead",),
        "opportunity": ("opportunity",),
        "contract": ("contract", "contract_2"),
        "stage_event": ("stage",),
        "activity": ("activity",),
        "service_case": ("case",),
        "product": ("product",),
    }
    drafted = yaml.safe_load("connection:\n" + draft.read_text(encoding="utf-8"))["mapping"]
    written = drafted["opportunity"]["columns"]
    assert written["amount"] == "金额" and written["customer_record_key"] == "客户"
    assert (written["expected_close_date"], written["closed_date"]) == ("预计成交日期", "成交日期")
    assert written["status"]["values"]["赢单"] == "won"
    quote, contract = drafted["contract"]
    assert (quote["columns"]["contract_type"], contract["columns"]["contract_type"]) == (
        {"const": "quote"},
        {"const": "contract"},
    )
    assert (quote["columns"]["amount"], contract["columns"]["contract_number"]) == ("金额", "合同编号")


def test_json_is_for_programs_and_a_label_narrows(folder: Path) -> None:
    found = json.loads(describe("crm", "--form", "商机", "--json").output)
    assert [form["label"] for form in found] == ["商机"]
    assert [field["label"] for field in found[0]["fields"]][:3] == ["商机名称", "客户", "负责人"]


def test_an_unknown_source_names_those_there_are(folder: Path) -> None:
    result = describe("erp")
    assert result.exit_code == 2 and "configured: crm" in result.output


def test_a_missing_key_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEY")
    result = describe("crm")
    assert result.exit_code == 2 and "KEY" in result.output
