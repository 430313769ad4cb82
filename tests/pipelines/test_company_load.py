"""Loading a company folder: what is read, and that every mistake is named with file, line and field."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.base import ConfigurationError
from pipelines.company import Company, CompanyError, configuration_hash, load_company, registry
from tests.pipelines.company_folder import COMPANY, ERP, STANDARD, STUB, write

ENVIRONMENT = {"ERP_PASSWORD": "hunter2"}


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def problems(folder: Path, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(CompanyError) as caught:
        load_company(folder, ENVIRONMENT if environ is None else environ)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return str(caught.value).splitlines()


def test_a_valid_folder_loads_with_defaults(tmp_path: Path) -> None:
    company = load_company(write(tmp_path, {}), ENVIRONMENT)
    assert company.settings.reporting_currency == "CNY"
    assert company.settings.fiscal_year_start_month == 1
    assert company.settings.gate.max_shrink_pct == Decimal(10)
    assert [source.name for source in company.sources] == ["erp"]
    assert company.sources[0].schedule == "0 1 * * *"
    assert company.sources[0].fresh_within_hours == 36
    assert [rule.rule for rule in company.credit_rules] == [
        "explicit_split",
        "order_owner",
        "opportunity_owner",
        "account_owner",
    ]
    assert company.standards[0].versions[0].weights[1].reference_value == Decimal("0.3")


def test_credit_rules_keep_the_order_of_the_file(tmp_path: Path) -> None:
    folder = write(tmp_path, {"credit_rules.yaml": "- rule: account_owner\n- rule: order_owner\n"})
    assert [rule.rule for rule in load_company(folder, ENVIRONMENT).credit_rules] == ["account_owner", "order_owner"]


def test_the_calendar_is_the_companys_unless_it_is_frozen(tmp_path: Path) -> None:
    evening = datetime(2025, 3, 31, 20, 0, tzinfo=UTC)
    company = load_company(write(tmp_path, {}), ENVIRONMENT)
    assert company.as_of_date(evening) == date(2025, 4, 1)
    frozen = load_company(write(tmp_path, {"company.yaml": COMPANY + "as_of: 2024-12-31\n"}), ENVIRONMENT)
    assert frozen.as_of_date(evening) == date(2024, 12, 31)


def test_a_wrong_type_names_line_field_and_what_was_found(tmp_path: Path) -> None:
    folder = write(tmp_path, {"sources/erp.yaml": ERP.replace("50", "many")})
    assert problems(folder) == [
        "sources/erp.yaml:5: connection.page_size: expected integer, found 'many'; Records asked for per page"
    ]


def test_an_unknown_field_offers_the_nearest_valid_one(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "sources/erp.yaml": ERP.replace("page_size", "pagesize") + "  pool:\n    sise: 3\n",
            "company.yaml": COMPANY.replace("time_zone", "timezone"),
        },
    )
    assert problems(folder) == [
        "company.yaml:1: time_zone: is missing; IANA time zone that decides on which day something happened",
        "company.yaml:4: timezone: unknown field; did you mean 'time_zone'?",
        "sources/erp.yaml:5: connection.pagesize: unknown field; did you mean 'page_size'?",
        "sources/erp.yaml:7: connection.pool.sise: unknown field; did you mean 'size'?",
    ]


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "company.yaml": COMPANY.replace("Asia/Shanghai", "Beijing").replace("CNY", "yuan"),
            "credit_rules.yaml": "- rule: order_owner\n- rule: order_ower\n",
            "sources/erp.yaml": ERP + 'schedule: "0 25 * * *"\n',
            "sources/crm.yaml": "type: salesfroce\n",
            "standards/rep.yaml": STANDARD.replace("id: rep", "id: rap").replace("2025-07-01", "2024-07-01"),
        },
    )
    assert problems(folder) == [
        "company.yaml:4: time_zone: no such time zone; use an IANA name such as Asia/Shanghai or Europe/Berlin, "
        "found 'Beijing'",
        "company.yaml:5: reporting_currency: expected text like ^[A-Z]{3}$, found 'yuan'",
        "credit_rules.yaml:2: [1].rule: expected explicit_split, order_owner, opportunity_owner, account_owner, "
        "territory or overlay, found 'order_ower'; did you mean 'order_owner'?",
        "sources/crm.yaml:1: type: unknown type of source 'salesfroce'; did you mean 'salesforce'?",
        "sources/erp.yaml:6: schedule: no cron expression; expected five fields: minute hour day month weekday, "
        "e.g. \"0 1 * * *\", found '0 25 * * *'",
        "standards/rep.yaml:1: version 2 starts on 2024-07-01, not after version 1 (2025-01-01)",
    ]


def test_an_unset_variable_names_file_line_field_and_variable(tmp_path: Path) -> None:
    folder = write(tmp_path, {"sources/erp.yaml": ERP.replace("50", "${PAGE_SIZE}")})
    assert problems(folder, {}) == [
        "sources/erp.yaml:4: connection.password: environment variable ERP_PASSWORD is not set; "
        "set ERP_PASSWORD in the environment or in secrets.env beside company.yaml",
        "sources/erp.yaml:5: connection.page_size: environment variable PAGE_SIZE is not set; "
        "set PAGE_SIZE in the environment or in secrets.env beside company.yaml",
    ]


def test_variables_come_from_secrets_env_and_the_environment_wins(tmp_path: Path) -> None:
    secrets = "# comment\nexport ERP_PASSWORD='from file'\nERP_HOST=file.example.com\n"
    erp = ERP.replace("erp.example.com", "${ERP_HOST}/$${x}").replace("50", "${PAGE_SIZE}")
    folder = write(tmp_path, {"secrets.env": secrets, "sources/erp.yaml": erp})
    connection = load_company(folder, {"ERP_HOST": "env.example.com", "PAGE_SIZE": "7"}).source("erp").connection
    assert connection is not None
    assert connection.model_dump()["url"] == "https://env.example.com/${x}"
    assert connection.model_dump()["page_size"] == 7
    assert connection.model_dump()["password"].get_secret_value() == "from file"


def test_the_company_folder_itself_is_a_variable(tmp_path: Path) -> None:
    erp = ERP.replace("https://erp.example.com", "${SCORELINE_COMPANY}/targets")
    company = load_company(write(tmp_path, {"sources/erp.yaml": erp}), ENVIRONMENT)
    assert company.sources[0].connection is not None
    assert company.sources[0].connection.model_dump()["url"] == f"{tmp_path.resolve()}/targets"


def test_a_bad_line_of_secrets_env_is_named_without_its_content(tmp_path: Path) -> None:
    folder = write(tmp_path, {"secrets.env": "ERP_PASSWORD=x\nhunter2\n"})
    assert problems(folder) == ["secrets.env:2: expected NAME=VALUE; see the other lines"]


def test_a_secret_is_in_no_error_and_no_repr(tmp_path: Path) -> None:
    folder = write(tmp_path, {})
    assert "hunter2" not in repr(load_company(folder, ENVIRONMENT))
    broken = ERP.replace("https://erp.example.com", "[1, '${ERP_PASSWORD}']").replace("50", "${ERP_PASSWORD}")
    text = "\n".join(problems(write(tmp_path, {"sources/erp.yaml": broken})))
    assert "hunter2" not in text
    assert "connection.page_size: expected integer, found '${ERP_PASSWORD}'" in text
    written = ERP.replace("${ERP_PASSWORD}", "[hunter2]")
    assert problems(write(tmp_path, {"sources/erp.yaml": written})) == [
        "sources/erp.yaml:4: connection.password: expected text, found a list; Password of the reading user"
    ]
    number = ERP.replace("${ERP_PASSWORD}", "4711")
    assert problems(write(tmp_path, {"sources/erp.yaml": number})) == [
        "sources/erp.yaml:4: connection.password: expected text (the value is not shown); put it in quotes"
    ]


def test_deferred_variables_let_the_folder_load_and_only_connecting_refuses(tmp_path: Path) -> None:
    erp = ERP.replace("https://erp.example.com", "${ERP_URL}").replace("50", "${PAGE_SIZE}") + "streams: [invoice]\n"
    source = load_company(write(tmp_path, {"sources/erp.yaml": erp}), {}, unset="defer").source("erp")
    assert source.unset_variables == ("ERP_URL", "ERP_PASSWORD", "PAGE_SIZE")
    assert source.stream_names() == ("invoice",)
    with pytest.raises(ConfigurationError) as caught:
        source.connector()
    assert str(caught.value) == (
        "source erp: no value for ERP_URL, ERP_PASSWORD, PAGE_SIZE; set it in the environment or in secrets.env"
    )


def test_deferring_hides_no_other_mistake(tmp_path: Path) -> None:
    folder = write(tmp_path, {"sources/erp.yaml": ERP.replace("50", "many")})
    with pytest.raises(CompanyError) as caught:
        load_company(folder, {}, unset="defer")
    assert [problem.field for problem in caught.value.problems] == ["connection.page_size"]


def test_yaml_mistakes_are_named_with_their_line(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "company.yaml": COMPANY + "roles:\n  hr: [HR]\n",
            "sources/erp.yaml": "type: stub\nconnection: [unclosed\n",
            "sources/a.yaml": "",
            "sources/b.yml": "type: stub\n",
            "sources/Bad-Name.yaml": "type: stub\n",
            "sources/c.yaml": "- type: stub\n",
            "standards/x.yaml": b"id: \xb2\xe2\xca\xd4\n",
            "standards/y.yaml": "id: &a [*a]\n",
        },
    )
    assert problems(folder) == [
        "company.yaml:10: roles: written twice, first on line 6; keep one of the two",
        "sources/Bad-Name.yaml: 'Bad-Name' cannot name a source; use lower-case letters, digits and underscores, "
        "starting with a letter: the name is used in every table",
        "sources/a.yaml: the file is empty",
        "sources/b.yml: would be ignored; rename it to b.yaml",
        "sources/c.yaml:1: expected fields (name: value); start with `type:`",
        "sources/erp.yaml:3: no valid YAML: expected ',' or ']', but got '<stream end>'; "
        "check indentation, colons and quotes on this line",
        "standards/x.yaml: the file is not UTF-8 text; save it with the encoding UTF-8",
        "standards/y.yaml:1: no valid YAML: an alias contains itself; "
        "check indentation, colons and quotes on this line",
    ]


MAPPED = """\
type: files
connection:
  url: ${SCORELINE_COMPANY}/targets
  streams:
    - {name: account, glob: "*.csv", key: [id]}
mapping:
  customer_record:
    from: account
    columns:
      party_type: {const: organisation}
      customer_nam: name
      tax_id: {column: a, sql: b}
  custmer: {from: account, columns: {}}
"""


def test_a_mapping_is_checked_against_the_canonical_contracts(tmp_path: Path) -> None:
    assert problems(write(tmp_path, {"sources/crm.yaml": MAPPED})) == [
        "sources/crm.yaml:12: mapping.customer_record.columns.tax_id: "
        "give exactly one of column, sql and const, not column and sql",
    ]
    mended = MAPPED.replace("{column: a, sql: b}", "a")
    assert problems(write(tmp_path, {"sources/crm.yaml": mended})) == [
        "sources/crm.yaml:11: mapping.customer_record.columns.customer_nam: customer_record has no column "
        "'customer_nam'; did you mean customer_name or other_names?",
        "sources/crm.yaml:13: mapping.custmer: there is no canonical entity 'custmer'; did you mean customer_record?",
    ]


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    hint = "make one with `scoreline init DIR`, or point SCORELINE_COMPANY at an existing company folder"
    assert problems(tmp_path / "empty") == [f"company.yaml: no such file; {hint}"]
    assert problems(tmp_path / "none") == [f"company.yaml: there is no folder {tmp_path / 'none'}; {hint}"]


def test_a_closed_period_must_start_where_a_fiscal_period_starts(tmp_path: Path) -> None:
    text = COMPANY + "fiscal_year_start_month: 4\nclosed_periods: [{period_type: year, period_start: 2025-01-01}]\n"
    assert problems(write(tmp_path, {"company.yaml": text})) == [
        "company.yaml:1: closed_periods: no year starts on 2025-01-01"
    ]
    ok = text.replace("2025-01-01", "2025-04-01")
    assert load_company(write(tmp_path, {"company.yaml": ok}), ENVIRONMENT).settings.closed_periods[0].closed_by is None


def test_the_days_of_a_customers_states_must_rise(tmp_path: Path) -> None:
    text = COMPANY + "customer_lifecycle: {at_risk_days: 400}\n"
    assert problems(write(tmp_path, {"company.yaml": text})) == [
        "company.yaml:10: customer_lifecycle: new_days (90), at_risk_days (400) and churned_days (365) must rise"
    ]


@pytest.mark.parametrize("cron", ["0 1 * * *", "*/15 8-18 * * mon-fri", "0,30 0 1 jan 7"])
def test_cron_expressions_people_write_are_accepted(tmp_path: Path, cron: str) -> None:
    folder = write(tmp_path, {"sources/erp.yaml": ERP + f'schedule: "{cron}"\n'})
    assert load_company(folder, ENVIRONMENT).sources[0].schedule == cron


@pytest.mark.parametrize("cron", ["daily", "0 1 * *", "60 1 * * *", "*/0 * * * *", "5-1 * * * *", "0 1 * * xyz"])
def test_wrong_cron_expressions_are_refused(tmp_path: Path, cron: str) -> None:
    (problem,) = problems(write(tmp_path, {"sources/erp.yaml": ERP + f'schedule: "{cron}"\n'}))
    assert problem.endswith(f"found '{cron}'")


def test_the_configuration_hash_follows_the_files_and_nothing_else(tmp_path: Path) -> None:
    def hashed(environ: dict[str, str]) -> str:
        return configuration_hash(load_company(tmp_path, environ))

    write(tmp_path, {})
    first = hashed(ENVIRONMENT)
    write(tmp_path, {"secrets.env": "OTHER=1\n", "targets/2025.csv": "a,b\n", ".git/index": "x"})
    assert hashed({"ERP_PASSWORD": "other"}) == first
    write(tmp_path, {"company.yaml": COMPANY.replace("\n", "\r\n").encode()})
    assert hashed(ENVIRONMENT) == first
    write(tmp_path, {"stewardship/same.csv": "a,b\n"})
    second = hashed(ENVIRONMENT)
    assert second != first
    write(tmp_path, {"sources/erp.yaml": ERP.replace("50", "51")})
    assert hashed(ENVIRONMENT) not in (first, second)


def test_an_unknown_source_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    company: Company = load_company(write(tmp_path, {}), ENVIRONMENT)
    with pytest.raises(KeyError, match=r"no source 'crm' in .*there are: \['erp'\]"):
        company.source("crm")


@pytest.mark.parametrize(
    ("curve", "complaint"),
    [
        ("{type: stepped}", "a curve of the type stepped needs steps"),
        ("{type: capped, threshold: 5}", "a curve of the type capped has no threshold; it belongs to threshold"),
        ("{type: stepped, steps: [{up_to: 5, points: 1}]}", "steps of a stepped curve have at_least and points"),
        (
            "{type: stepped, steps: [{at_least: 5, points: 1}, {at_least: 5, points: 2}]}",
            "at_least must rise from step to step, but 5 follows 5",
        ),
        (
            "{type: inverse, steps: [{up_to: 5, points: 1}, {up_to: 9, points: 2}]}",
            "points must fall from step to step, but 2 follows 1",
        ),
    ],
)
def test_a_curve_says_what_it_lacks(tmp_path: Path, curve: str, complaint: str) -> None:
    text = STANDARD.replace("{metric: bookings, weight: 60}", f"{{metric: bookings, weight: 60, curve: {curve}}}")
    with pytest.raises(CompanyError) as refused:
        load_company(write(tmp_path, {"standards/rep.yaml": text}), {"ERP_PASSWORD": "x"})
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("min_score: 90", "share_pct: 90", "either all grades of a version have min_score, or all have share_pct"),
        ("grade: B", "grade: A", "the grade A is listed twice"),
        (
            "    weights:",
            "    tenure: {from_months: 6, below_months: 6}\n    weights:",
            "must be more than from_months",
        ),
        ("    weights:", "    ramp: {from_months: 6, to_months: 6}\n    weights:", "must be more than from_months"),
        ("weight: 60}", "weight: 60, weight_at_start: 5}", "has a weight_at_start, but the version has no ramp"),
        (
            "    weights:",
            "    gates: [{id: a, metric: visits, cap_score: 1, reason: {en: a}}]\n    weights:",
            "either above",
        ),
        (
            "    weights:",
            "    gates: [{id: a, metric: visits, below: 1, cap_grade: Z, reason: {en: a}}]\n    weights:",
            "gate a: there is no grade 'Z', only A, B",
        ),
    ],
)
def test_a_version_of_a_standard_says_what_is_wrong_with_it(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(CompanyError) as refused:
        load_company(write(tmp_path, {"standards/rep.yaml": STANDARD.replace(old, new, 1)}), {"ERP_PASSWORD": "x"})
    assert complaint in str(refused.value)
