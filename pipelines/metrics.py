"""`scoreline metrics`: what each metric means, from the metric registry, for people, programs and the docs.

The registry (`dbt_project/seeds/metric_registry.csv`) is the one place where metrics are described; `docs/metrics.md`
and its Chinese twin are what this command writes with `--markdown`, and a test fails when they are behind.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal

import click

from pipelines.commands import as_json
from pipelines.paths import DBT_PROJECT

Metric = dict[str, str]
Language = Literal["en", "zh"]
REGISTRY = DBT_PROJECT / "seeds" / "metric_registry.csv"
PAGES: dict[Language, str] = {"en": "metrics.md", "zh": "metrics.zh-CN.md"}
"""The page of each language, below docs/."""

_COMMAND = "scoreline metrics --lang {language} --markdown"
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Metrics",
        "intro": "Every metric Scoreline knows, as the metric registry describes it. Targets and appraisal standards "
        "name metrics by their id; `kpi_value` holds their values per employee, unit and company, by month, quarter "
        "and year, with the value of the period before and of a year ago.",
        "formula": "Formula",
        "unit": "Unit",
        "direction": "Better",
        "aggregation": "Adds up",
        "roles": "Judges",
        "owner": "Answers for it",
        "source_entities": "From",
        "known_by": "Known where there is",
        "uncertainty": "Range",
        "nobody": "units and the company only",
        "currency": "reporting currency",
        "count": "number",
        "ratio_unit": "ratio",
        "days": "days",
        "higher_is_better": "higher",
        "lower_is_better": "lower",
        "additive": "over people and time",
        "stock": "over people; each period has its own",
        "ratio": "numerator and denominator alone",
        "subject": "never: each employee, each unit and the company has its own",
        "identity": "shows what undecided pairs of customers leave open",
        "colon": ": ",
        "between": ", ",
    },
    "zh": {
        "title": "指标",
        "intro": "Scoreline 的全部指标，内容来自指标登记表。目标和考核标准用编码引用指标；"
        "`kpi_value` 按员工、组织单元和公司给出每月、每季、每年的数值，并附上期和去年同期的数值。",
        "formula": "公式",
        "unit": "单位",
        "direction": "方向",
        "aggregation": "相加",
        "roles": "考核角色",
        "owner": "负责",
        "source_entities": "来源实体",
        "known_by": "以此为准判断是否有数据",
        "uncertainty": "区间",
        "nobody": "仅组织单元和公司",
        "currency": "本位币",
        "count": "数量",
        "ratio_unit": "比率",
        "days": "天",
        "higher_is_better": "越高越好",
        "lower_is_better": "越低越好",
        "additive": "可按人员和时间相加",
        "stock": "可按人员相加，各期间各自计算",
        "ratio": "仅分子和分母可相加",
        "subject": "不可相加，对每个员工、单元和公司分别计算",
        "identity": "给出未决客户对造成的区间",
        "colon": "：",
        "between": "、",
    },
}
_FAMILIES: dict[Language, dict[str, str]] = {
    "en": {
        "sales": "Sales",
        "customer": "Customers",
        "selling": "Leads and opportunities",
        "activity": "Activities",
        "service": "Service",
        "people": "People",
        "appraisal": "Appraisal process",
        "market": "Market",
    },
    "zh": {
        "sales": "销售",
        "customer": "客户",
        "selling": "线索与商机",
        "activity": "活动",
        "service": "服务",
        "people": "人员",
        "appraisal": "考核过程",
        "market": "市场",
    },
}
_FACTS = ("formula", "unit", "direction", "aggregation", "roles", "owner", "source_entities", "known_by", "uncertainty")
_LANGUAGES = click.Choice(["en", "zh"])


def registry(file: Path = REGISTRY) -> list[Metric]:
    """Every metric, the families together, each family and metric in the order of the registry."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    families = list(dict.fromkeys(row["family"] for row in rows))
    return sorted(rows, key=lambda row: families.index(row["family"]))


def markdown(metrics: Sequence[Metric], language: Language) -> str:
    """The page of all metrics in one language."""
    words = _WORDS[language]
    parts = [f"# {words['title']}", words["intro"], f"<!-- {_COMMAND.format(language=language)} -->"]
    for family, members in groupby(metrics, key=lambda metric: metric["family"]):
        parts.append(f"## {_FAMILIES[language].get(family, family)}")
        for metric in members:
            parts.append(f"### {metric[f'name_{language}']} · `{metric['metric']}`")
            parts.append(metric[f"definition_{language}"])
            parts.append("\n".join(f"- {name}{words['colon']}{value}" for name, value in _facts(metric, language)))
    return "\n\n".join(parts) + "\n"


def plain(metrics: Sequence[Metric], language: Language) -> str:
    """The list for a terminal: id, name, definition."""
    name, definition = f"name_{language}", f"definition_{language}"
    blocks = (f"{click.style(one['metric'], bold=True)}  {one[name]}\n  {one[definition]}" for one in metrics)
    return "\n".join(blocks)


def _facts(metric: Metric, language: Language) -> Iterator[tuple[str, str]]:
    """What a metric's page says besides its definition, named."""
    words = _WORDS[language]
    for column in _FACTS:
        value = metric[column]
        if column == "formula":
            yield words[column], f"`{value}`"
        elif column == "unit":
            # a ratio is a unit and a way of adding up
            yield words[column], words.get(f"{value}_unit", words.get(value, value))
        elif column == "roles" and not value:
            yield words[column], words["nobody"]
        elif column in ("roles", "source_entities", "known_by", "owner") and value:
            yield words[column], words["between"].join(f"`{part}`" for part in value.split("|"))
        elif value:
            yield words[column], words.get(value, value)


@click.command()
@click.option("--lang", "language", type=_LANGUAGES, default="en", show_default=True, help="Names and definitions in.")
@click.option("--markdown", "as_page", is_flag=True, help="As the page in docs/.")
@as_json
def metrics(language: Language, as_page: bool, machine: bool) -> None:
    """What each metric means, how it is computed, who answers for it."""
    found = registry()
    if machine:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif as_page:
        click.echo(markdown(found, language), nl=False)
    else:
        click.echo(plain(found, language))
