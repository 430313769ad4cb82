"""The audit as one page without scripts or outside files, in one language."""

from collections.abc import Iterable, Iterator
from html import escape

from pipelines.company.audits import Audit, GroupResult
from pipelines.fairness.words import LEVELS, RESULTS, dimension_name, group_name, percent, rater_kind_name, rater_name
from pipelines.whatif_report import Language, points, say

_STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 70rem;
  padding: 0 1rem; color: #1a1a1a; background: #fff }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; width: 100% }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #ddd; text-align: right; vertical-align: top }
th:first-child, td:first-child { text-align: left }
tr.small td { color: #767676 }
li.fail { color: #a40000; font-weight: 600 }
.scroll { overflow-x: auto }
footer { color: #595959; font-size: .85rem; overflow-wrap: anywhere }
"""


def fairness_page(audit: Audit, language: Language) -> str:
    """Verdict, findings, groups with gaps, what makes them, rates with intervals, raters, and the seal."""
    name = f"{audit.standard} v{audit.version}"
    heading = say(language, f"Fairness of {name} on {audit.period}", f"{name} 公平性审计（{audit.period}）")
    body = [f"<h1>{escape(heading)}</h1>", *_verdict(audit, language), *_findings(audit, language)]
    for dimension in dict.fromkeys(group.dimension for group in audit.groups):
        body += _groups([group for group in audit.groups if group.dimension == dimension], language)
    body += [*_raters(audit, language), _footer(audit, language)]
    head = f"<meta charset='utf-8'><title>{escape(heading)}</title><style>{_STYLE}</style>"
    tag = "zh-CN" if language == "zh" else "en"
    head += "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    page = f"<!doctype html>\n<html lang='{tag}'><head>{head}</head><body>\n"
    return page + "\n".join(body) + "\n</body></html>\n"


def _verdict(audit: Audit, language: Language) -> Iterator[str]:
    verdict = say(language, *RESULTS[audit.result])
    people = say(language, f"{audit.people} people judged", f"共 {audit.people} 人参评")
    yield f"<p><strong>{escape(verdict)}</strong> · {escape(people)}</p>"
    if audit.waiver is not None:
        waived = say(language, "Waived by", "豁免人")
        yield f"<p>{waived} {escape(audit.waiver.by)}, {audit.waiver.on}: {escape(audit.waiver.reason)}</p>"


def _findings(audit: Audit, language: Language) -> Iterator[str]:
    if not audit.findings:
        yield f"<p>{say(language, 'Nothing was found.', '未发现问题。')}</p>"
        return
    yield "<ul>"
    for one in audit.findings:
        text = one.en if language == "en" else one.zh
        yield f"<li class='{one.level}'>{say(language, *LEVELS[one.level])}: {escape(text)}</li>"
    yield "</ul>"


def _groups(groups: list[GroupResult], language: Language) -> Iterator[str]:
    name = say(language, *dimension_name(groups[0].dimension))
    headings = (
        (name, name),
        ("people", "人数"),
        ("average score", "平均分"),
        ("gap", "差距"),
        ("95 % interval", "95% 区间"),
        ("from results", "来自业绩"),
        ("from weights", "来自权重"),
        ("applied differently", "来自适用差异"),
        ("from gates", "来自约束"),
    )
    shown = [say(language, *heading) for heading in headings] + [f"≥ {rate.grade}" for rate in groups[0].rates]
    yield f"<h2>{escape(name)}</h2><div class='scroll'><table><thead>{_row('th', shown)}</thead><tbody>"
    for one in groups:
        yield _row("td", _cells(one, language), "" if one.is_judged else " class='small'")
    yield "</tbody></table></div>"


def _cells(one: GroupResult, language: Language) -> Iterator[str]:
    yield say(language, *group_name(one.group))
    yield str(one.people)
    yield points(one.mean_score)
    yield points(one.gap, signed=True)
    yield "-" if one.gap_low is None else f"{points(one.gap_low, True)} … {points(one.gap_high, True)}"
    for part in (one.from_results, one.from_weights, one.from_applied, one.from_gates):
        yield points(part, signed=True)
    for rate in one.rates:
        ratio = "" if rate.ratio is None else f" × {rate.ratio:.2f}"
        yield f"{percent(rate.rate)} ({percent(rate.low)} … {percent(rate.high)}){ratio}"


def _raters(audit: Audit, language: Language) -> Iterator[str]:
    if not audit.raters:
        return
    headings = (("rater", "评价人"), ("kind", "类别"), ("forms compared", "可比份数"), ("leniency", "宽严（分）"))
    yield f"<h2>{say(language, 'Raters', '评价人')}</h2><table><thead>"
    yield _row("th", [say(language, *heading) for heading in headings]) + "</thead><tbody>"
    for one in audit.raters:
        who, kind = say(language, *rater_name(one.rater)), say(language, *rater_kind_name(one.kind))
        yield _row("td", [who, kind, str(one.ratings), points(one.leniency, signed=True)])
    yield "</tbody></table>"


def _footer(audit: Audit, language: Language) -> str:
    rule = audit.rule
    said = say(
        language,
        f"Each group beside everybody else. Rates fail below {rule.min_ratio} of the highest with "
        f"p < {rule.significance} (Fisher, Holm); groups in grey, or all others, are fewer than {rule.min_group}. "
        "Gap = results + weights + applied differently + gates, exactly (Kitagawa 1955). Intervals: Wilson for rates, "
        "Welch for gaps.",
        f"各组与其他人比较。达标率低于最高组的 {rule.min_ratio} 且 p < {rule.significance}"
        "（Fisher 检验，Holm 校正）为不合格；"
        f"灰色组不足 {rule.min_group} 人或对照过少。差距 = 业绩 + 权重 + 适用差异 + 约束，精确相加（Kitagawa 1955）。"
        "区间：比率用 Wilson，差距用 Welch。",
    )
    return f"<footer><p>{escape(said)}</p><p>{audit.release} · {audit.made_on} · {audit.seal}</p></footer>"


def _row(cell: str, values: Iterable[str], attributes: str = "") -> str:
    return f"<tr{attributes}>" + "".join(f"<{cell}>{escape(value)}</{cell}>" for value in values) + "</tr>"
