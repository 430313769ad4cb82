"""The report for people: one plain page with the verdict, and Great Expectations' data docs behind it.

Great Expectations' pages load their layout from the internet and stay bare without it, so the page to open is ours: no
script, nothing loaded from elsewhere. Both are written aside and put in place of the last report as a whole.
"""

import shutil
from collections.abc import Mapping
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)

from expectations.runner import SuiteRun
from expectations.verdict import RuleResult, Verdict, grouped

INDEX = "index.html"
DETAILS = "great_expectations"
_STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #1d2430;
       max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; padding: .8rem 1rem; border-radius: .4rem; }
h1.passed { background: #e3f4e7; } h1.refused { background: #fbe4e1; }
h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #cfd6df; }
article { border-left: 4px solid #c0392b; padding: .1rem 1rem; margin: 1rem 0; background: #fafbfc; }
article.warning { border-color: #d39e00; } article.errored { border-color: #6c3483; }
h3 { font-size: 1rem; margin: .5rem 0; } code { background: #eef1f5; padding: 0 .25rem; }
table { border-collapse: collapse; margin: .5rem 0; font-size: .9em; display: block; overflow-x: auto; }
th, td { border: 1px solid #cfd6df; padding: .15rem .5rem; text-align: left; vertical-align: top; }
th { background: #eef1f5; } .null { color: #8a94a3; font-style: italic; } .zh { color: #4a5568; }
"""


def write(docs_dir: Path, verdict: Verdict, ran: list[SuiteRun], now: datetime) -> Path:
    """Write the report; returns the page to open."""
    fresh = docs_dir.with_name(f".{docs_dir.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _data_docs(fresh / DETAILS, ran, now)
    (fresh / INDEX).write_text(page(verdict, now), encoding="utf-8")
    shutil.rmtree(docs_dir, ignore_errors=True)
    fresh.rename(docs_dir)
    return docs_dir / INDEX


def page(verdict: Verdict, now: datetime) -> str:
    """The verdict as one HTML page, in English and Chinese."""
    passed, mood = verdict.passed, "passed" if verdict.passed else "refused"
    title = (
        "Gate passed / 质量闸门通过" if passed else "Gate refused: nothing was published / 质量闸门拒绝：未发布任何数据"
    )
    ok, broken, errored, warned = (
        len(some) for some in (verdict.passed_rules, verdict.failed, verdict.errored, verdict.warned)
    )
    counts = (
        f"{ok} rules passed, {broken} broken, {errored} could not run, {warned} warnings. / "
        f"通过 {ok} 条，违反 {broken} 条，无法执行 {errored} 条，警告 {warned} 条。"
    )
    sections = [
        _section("Rules that could not run / 无法执行的规则", verdict.errored),
        _section("Broken rules / 被违反的规则", verdict.failed),
        _section("Warnings / 警告", verdict.warned),
        _passed(verdict.passed_rules),
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<style>{_STYLE}</style></head><body><h1 class="{mood}">{title}</h1><p>{counts}</p>'
        f"<p>Judged at {now.isoformat(timespec='seconds')}. "
        f'Rule by rule, as Great Expectations shows it: <a href="{DETAILS}/index.html">data docs</a> '
        f"(their layout needs the internet).</p>{''.join(sections)}</body></html>\n"
    )


def _section(title: str, results: tuple[RuleResult, ...]) -> str:
    articles = "".join(_article(group) for group in grouped(results))
    return f"<h2>{title}</h2>{articles}" if articles else ""


def _article(results: list[RuleResult]) -> str:
    """One entry for a rule, or for several of one table that could not run for the same reason."""
    first = results[0]
    kind = "errored" if first.status == "errored" else first.severity
    words = "".join(
        f"<p><b>{escape(result.rule)}</b>: {escape(result.description_en)}<br>"
        f'<span class="zh" lang="zh">{escape(result.description_zh)}</span></p>'
        for result in results
    )
    expected = f"<p>Expected: {escape(first.expected)}</p>" if first.status == "failed" else ""
    return (
        f'<article class="{kind}"><h3><code>{escape(first.table)}</code> {escape(first.observed)}</h3>{words}{expected}'
        f"{_rows(first.sample_rows)}<p><b>Next:</b> {escape(first.next_step)}</p></article>"
    )


def _rows(rows: tuple[Mapping[str, Any], ...]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(str(key))}</th>" for key in rows[0])
    body = "".join(f"<tr>{''.join(_cell(value) for value in row.values())}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    return '<td class="null">null</td>' if value is None else f"<td>{escape(str(value))}</td>"


def _passed(results: tuple[RuleResult, ...]) -> str:
    tables = []
    for table, rules in groupby(sorted(results, key=lambda result: result.table), key=lambda result: result.table):
        items = "".join(
            f'<li>{escape(rule.description_en)} <span class="zh" lang="zh">{escape(rule.description_zh)}</span></li>'
            for rule in rules
        )
        tables.append(f"<h3><code>{escape(table)}</code></h3><ul>{items}</ul>")
    return f"<h2>Rules that passed / 通过的规则</h2>{''.join(tables)}" if tables else ""


def _data_docs(folder: Path, ran: list[SuiteRun], now: datetime) -> None:
    """Great Expectations' own pages, one a table."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    context.add_data_docs_site("gate", _site(folder))
    run_id = RunIdentifier(run_name="gate", run_time=now)
    for run in ran:
        if run.validation is not None:
            key = ValidationResultIdentifier(ExpectationSuiteIdentifier(run.suite.name), run_id, run.suite.name)
            run.validation.meta |= {"run_id": run_id, "expectation_suite_name": run.suite.name}
            context.validation_results_store.set(key, run.validation)
    context.build_data_docs()


def _site(folder: Path) -> Any:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.absolute())},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
