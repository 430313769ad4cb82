"""`scoreline customers`: what the matcher asks people, what they answer, and why it decided as it did.

All of it reads the candidate in the warehouse; decisions go into the company folder and take effect with the next run.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import DONE, FAILED, MISUSED, Stop, configured_folder
from pipelines.paths import Home, company_folder

if TYPE_CHECKING:
    import duckdb

    from pipelines.company import Company
    from pipelines.company.filing import Filing
    from pipelines.customers.stewardship import Decision

KINDS = ("same", "different", "undo", "parent")
_WAIT_SECONDS = 2.0
_SHOWN = 10
"""Questions printed unless told otherwise."""


def _plain_answers(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turns what these commands may expect into a message and an exit code."""

    @wraps(command)
    def guarded(*arguments: Any, **options: Any) -> Any:
        from pipelines.company.decisions import DecisionsRefused
        from pipelines.customers.keys import UnknownKey
        from pipelines.customers.lookup import NoCandidate, UnknownRecord
        from pipelines.customers.review_sheet import SheetRefused

        try:
            return command(*arguments, **options)
        except (DecisionsRefused, SheetRefused) as error:
            raise Stop(str(error), MISUSED) from None
        except (UnknownKey, UnknownRecord) as error:
            raise Stop(str(error.args[0]), MISUSED) from None
        except NoCandidate as error:
            raise Stop(str(error), FAILED) from None

    return plain_errors(guarded)


@click.group()
def customers() -> None:
    """Who is one customer: open questions, people's decisions, and why.

    A record is named source:key, a customer by its key.
    """


@customers.command()
@click.option("--limit", type=click.IntRange(min=1), help=f"Show so many (default: {_SHOWN} on screen, else all).")
@click.option(
    "--excel", type=click.Path(path_type=Path), help="Write a workbook to fill in; `decide FILE` reads it back."
)
@as_json
@_plain_answers
def review(limit: int | None, excel: Path | None, machine: bool) -> None:
    """Pairs of customers that may be one, the most money first.

    At stake are the bookings of the smaller of the two customers (confirmed orders less returns, all years, reporting
    currency): what would belong to another customer if the two became one.
    """
    from pipelines.customers.review import review as open_questions
    from pipelines.customers_report import render_review, review_to_json

    if excel is not None:
        _check_new(excel)
    everything = machine or excel is not None
    with _candidate() as con:
        found = open_questions(con, _filed(con), limit or (None if everything else _SHOWN))
    if excel is not None:
        from pipelines.customers.review_sheet import write_sheet

        write_sheet(found, excel)
    if machine:
        _echo_json(review_to_json(found))
    elif excel is not None:
        click.echo(f"{len(found.questions)} questions written to {excel}. / 已写入 {len(found.questions)} 对。")
        click.echo(f"Fill it in, then: scoreline customers decide {excel} --who NAME")
    else:
        click.echo(render_review(found))


@customers.command()
@click.argument("what", metavar="same|different|undo|parent|FILE.xlsx")
@click.argument("a", required=False)
@click.argument("b", required=False)
@click.option("--who", default=lambda: os.environ.get("USER"), help="Who decides (default: $USER).")
@click.option("--why", help="Reason; rows of a workbook may have their own.")
@as_json
@_plain_answers
def decide(what: str, a: str | None, b: str | None, who: str | None, why: str | None, machine: bool) -> None:
    """File a decision on records A and B, or all of a filled-in workbook.

    same: one customer. different: two. parent: A is a part (branch, subsidiary) of B. undo: takes back what was decided
    on the two. Decisions stand in stewardship/decisions.csv and take effect with the next run.
    """
    if what in KINDS and a and b:
        filing = _decide_pair(what, a, b, who, why)
    elif what.lower().endswith(".xlsx") and a is None:
        filing = _decide_sheet(Path(what), who, why)
    else:
        raise Stop(
            "expected `scoreline customers decide same|different|undo|parent A B --why REASON` with A and B as "
            "source:key, or `scoreline customers decide FILE.xlsx`",
            MISUSED,
        )
    if machine:
        _echo_json(vars(filing))
    else:
        click.echo(_filed_words(filing))


def _decide_pair(kind: str, a: str, b: str, who: str | None, why: str | None) -> "Filing":
    from pipelines.company.filing import file_decisions, numbered

    company = _company(configured_folder())
    for option, value in (("--who", who), ("--why", why)):
        if not (value or "").strip():
            raise Stop(f"{option} is needed: a decision names who decided and why", MISUSED)
    ids = [_ids(text, must_exist=kind != "undo") for text in (a, b)]
    if ids[0] == ids[1]:
        raise Stop(f"both are {a}; name two different records", MISUSED)
    if kind == "undo":
        _check_undo(numbered(company.decisions), a, b)
    today = datetime.now(ZoneInfo(company.settings.time_zone)).date()
    columns = ("decision", "system_a", "key_a", "system_b", "key_b", "decided_by", "decided_on", "reason")
    row = dict(zip(columns, (kind, *ids[0], *ids[1], who, today, why), strict=True))
    return file_decisions(company.path, [row], again=True)


def _ids(text: str, must_exist: bool) -> tuple[str, str]:
    """Source and key of a record that was named; a customer's key is refused with the records to choose from."""
    from pipelines.customers.lookup import find_record, keys_today, members

    if ":" not in text:
        with _candidate() as con:
            names = [name for key in keys_today(con, text) for name in members(con, key)]
        raise Stop(f"{text} is a customer; decisions are about records. Name one of: {', '.join(names)}", MISUSED)
    if must_exist:
        with _candidate() as con:
            find_record(con, text)
    system, _, key = text.partition(":")
    return system, key


def _check_undo(filed: "list[Decision]", a: str, b: str) -> None:
    from pipelines.customers.stewardship import last_words

    words = {frozenset((word.last.record_id_l, word.last.record_id_r)): word.last for word in last_words(filed)}
    word = words.get(frozenset((a, b)))
    if word is None or word.decision == "undo":
        raise Stop(f"there is no decision on {a} and {b} to undo; `scoreline customers why {a} {b}` shows all", MISUSED)


def _decide_sheet(path: Path, who: str | None, why: str | None) -> "Filing":
    from pipelines.company.filing import file_decisions
    from pipelines.customers.lookup import record_ids
    from pipelines.customers.review_sheet import decisions_in

    company = _company(configured_folder())
    with _candidate() as con:
        known = record_ids(con)
    rows = decisions_in(path, who, why, known, ZoneInfo(company.settings.time_zone))
    return file_decisions(company.path, [row.fields for row in rows])


def _filed_words(filing: "Filing") -> str:
    decisions = f"{filing.new} decision{'' if filing.new == 1 else 's'} filed in stewardship/decisions.csv"
    lines = [decisions + (f", {filing.known} known already" if filing.known else "")]
    lines += [f"warning  {text}" for text in filing.overruled]
    if filing.new:
        lines.append("Takes effect with the next `scoreline run`. / 下次运行后生效。")
    return "\n".join(lines)


@customers.command()
@click.argument("a")
@click.argument("b")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language of the explanation (default: that of the terminal).",
)
@as_json
@_plain_answers
def why(a: str, b: str, lang: str, machine: bool) -> None:
    """Why A and B are one customer, or two: keys, chain of links, evidence, decisions, hierarchy."""
    from pipelines.customers.lookup import built_decisions
    from pipelines.customers.why import why as explain
    from pipelines.customers_report import render_why, why_to_json

    with _candidate() as con:
        found = explain(con, a, b, _filed(con), built_decisions(con))
    if machine:
        _echo_json(why_to_json(found))
    else:
        click.echo(render_why(found, "zh" if lang == "zh" else "en"))


@customers.command("show")
@click.argument("asked", metavar="KEY|SOURCE:KEY")
@as_json
@_plain_answers
def show_(asked: str, machine: bool) -> None:
    """One customer: its records, the origin of its fields, the history of its key; also by a key it no longer has."""
    from pipelines.customers.show import show
    from pipelines.customers_report import customer_to_json, render_customer

    with _candidate() as con:
        found = show(con, asked)
    if machine:
        _echo_json(customer_to_json(found))
    else:
        click.echo(render_customer(found))
    sys.exit(DONE)


@contextmanager
def _candidate() -> "Iterator[duckdb.DuckDBPyConnection]":
    """The warehouse, read-only, while nobody builds in it; WarehouseBusy, NoCandidate otherwise."""
    import duckdb

    from pipelines.customers.lookup import NoCandidate, check_complete
    from pipelines.warehouse.lock import warehouse_lock

    home = Home.from_environment()
    if not home.warehouse.exists():
        raise NoCandidate(f"nothing has been built in {home.root} yet; `scoreline run` does")
    with warehouse_lock(home.root, _WAIT_SECONDS), duckdb.connect(str(home.warehouse), read_only=True) as con:
        check_complete(con)
        yield con


def _filed(con: "duckdb.DuckDBPyConnection") -> "list[Decision]":
    """People's decisions as they are now in the company folder; without one, as the candidate was built with them."""
    from pipelines.company.filing import numbered
    from pipelines.customers.lookup import built_decisions

    folder = company_folder()
    return numbered(_company(folder).decisions) if folder else built_decisions(con)


def _company(folder: Path) -> "Company":
    from pipelines.company import load_company

    return load_company(folder, os.environ, unset="defer")


def _check_new(path: Path) -> None:
    if path.suffix != ".xlsx":
        raise Stop(f"{path}: expected a file name that ends with .xlsx", MISUSED)
    if path.exists():
        raise Stop(f"{path} is there already and may hold somebody's answers; choose another name", MISUSED)
    if not path.absolute().parent.is_dir():
        raise Stop(f"{path}: there is no folder {path.absolute().parent}", MISUSED)


def _echo_json(content: Any) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))
