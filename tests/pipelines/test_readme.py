"""The documentation promises only what exists: its company folders load, its commands, links and tables are there."""

import re
from pathlib import Path

import click
import pytest
import yaml

from pipelines.cli import main
from pipelines.company import lint, load_company
from pipelines.company.sources import source_model

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
DECISIONS = tuple(f"docs/decisions/{path.name}" for path in ROOT.glob("docs/decisions/*.md"))
METRICS = ("docs/metrics.md", "docs/metrics.zh-CN.md")
PAGES = (
    *READMES,
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/incentives.md",
    "docs/connectors.md",
    "docs/disputes.md",
    "docs/dlt-sources.md",
    "docs/restatements.md",
    "docs/fairness.md",
    "docs/whatif.md",
    "docs/explain.md",
    *METRICS,
    *DECISIONS,
)
SECTIONS = {"(a)": "odoo", "(b)": "crm_opportunities", "(c)": "northwind", "(d)": "customer_list"}
"""Sections with a company folder, and the folder in tests/real that is run."""
ADDRESSES = {"ODOO_URL": "https://erp.example.com", "NORTHWIND_URL": "postgresql+psycopg://reader@db.example.com/sales"}


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def folder_of(page: str, section: str) -> dict[str, str]:
    """The company folder a section shows: file by path, as named in the first line of each YAML block."""
    (part,) = [part for part in re.split(r"^### ", text_of(page), flags=re.M) if part.startswith(section)]
    blocks = re.findall(r"```yaml\n# (\S+)\n(.*?)```", part, flags=re.S)
    return dict(blocks)


@pytest.mark.parametrize("section", SECTIONS)
def test_company_folders_in_the_readme_load_without_findings(tmp_path: Path, section: str) -> None:
    files = folder_of("README.md", section)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    variables = dict.fromkeys(re.findall(r"\$\{(\w+)\}", "".join(files.values())), "x")
    company = load_company(tmp_path, {**variables, **ADDRESSES})
    assert len(company.sources) == 1
    assert lint(company) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_company_folders_in_the_readme_are_those_that_run_on_real_input(section: str) -> None:
    folder = ROOT / "tests" / "real" / SECTIONS[section]
    tested = [folder / "company.yaml", *sorted(folder.glob("sources/*.yaml"))]
    shown = folder_of("README.md", section)
    assert shown == {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in tested}


@pytest.mark.parametrize("section", SECTIONS)
def test_both_languages_show_the_same_folders(section: str) -> None:
    assert folder_of("README.md", section) == folder_of("README.zh-CN.md", section)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", text_of(page))
    missing = [link for link in links if "://" not in link and not ((ROOT / page).parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", READMES)
def test_commands_and_options_exist(page: str) -> None:
    for line in re.findall(r"scoreline ([a-z]+[^`|\n]*)", text_of(page)):
        words = line.split()
        command: click.Command = main.commands[words[0]]
        if isinstance(command, click.Group) and len(words) > 1:
            assert words[1] in command.commands, line
    shown = set(re.findall(r"`(--[a-z-]+)", text_of(page)))
    options = {name for command in every(main) for parameter in command.params for name in parameter.opts}
    assert shown <= options


@pytest.mark.parametrize("page", (*READMES, "CONTRIBUTING.md"))
def test_make_targets_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    assert set(re.findall(r"(?:`|^    )make ([a-z-]+)", text_of(page), flags=re.M)) <= targets


@pytest.mark.parametrize(("page", "heading"), zip(READMES, ("Add a connector", "新增连接器"), strict=True))
def test_the_recipe_for_a_connector_names_what_is_there(page: str, heading: str) -> None:
    recipe = text_of(page).split(f"### {heading}")[1].split("\n## ")[0]
    paths = [path for path in re.findall(r"`([\w./-]+/[\w./-]*)`", recipe) if "<" not in path]
    assert len(paths) == 4 and [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", READMES)
def test_source_settings_in_the_readme_are_valid(page: str) -> None:
    (text,) = re.findall(r"```yaml\n# sources/crm.yaml, part\n(.*?)```", text_of(page), flags=re.S)
    part = yaml.safe_load(text)
    connection = {"login_url": "https://acme.my.salesforce.com", "client_id": "x", "client_secret": "x"}
    model = source_model("salesforce").model_validate(
        {"type": "salesforce", "connection": {**connection, **part["connection"]}, "widen": part["widen"]}
    )
    assert model.widen == {"account": ["score"]}  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", READMES)
def test_tables_in_the_readme_are_published(page: str) -> None:
    declared = {model["name"] for model in declared_models()}
    table = text_of(page).split("| `kpi_value` |")[1].split("\n\n")[0]
    named = {"kpi_value", *re.findall(r"`([a-z_]+)`", table)}
    assert named <= declared


def declared_models() -> list[dict[str, str]]:
    """Models and seeds as the dbt YAML declares them."""
    files = [path for folder in ("models", "seeds") for path in (ROOT / "dbt_project" / folder).rglob("*.yml")]
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) or {} for path in files]
    return [model for document in documents for kind in ("models", "seeds") for model in document.get(kind, [])]


def every(command: click.Command) -> list[click.Command]:
    """The command and all below it."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [command, *(found for child in below for found in every(child))]
