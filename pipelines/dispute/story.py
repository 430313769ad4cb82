"""Disputes as blocks to read: the list in the terminal, the evidence of one on its page."""

from collections.abc import Iterator

from pipelines.dispute.claim import KINDS, OUTCOMES, STATES, claim_lines
from pipelines.dispute.evidence import Evidence
from pipelines.dispute.register import Register, dispute_id
from pipelines.explain.release import Row
from pipelines.explain.story import Block, Grid, Heading, Lines
from pipelines.explain.story import story as explanation_story
from pipelines.explain.words import Language, amount, day_words, metric_name, number, say
from pipelines.periods import period_name


def listing(found: Register, language: Language) -> Iterator[Block]:
    """One line a dispute."""
    if not found.disputes:
        yield Lines([say(language, "No such dispute.", "没有符合条件的申诉。")])
        return
    headings = (
        say(language, "dispute", "申诉"),
        say(language, "employee", "员工"),
        say(language, "period", "期间"),
        say(language, "about", "事由"),
        say(language, "raised", "提出"),
        say(language, "due", "期限"),
        say(language, "owner", "负责人"),
        say(language, "state", "状态"),
        say(language, "days", "天数"),
        say(language, "if right", "若成立"),
    )
    yield Grid(headings, [_row(row, found, language) for row in found.disputes], numbers=(8, 9))


def _row(row: Row, found: Register, language: Language) -> tuple[str, ...]:
    return (
        dispute_id(row),
        _name(row["employee_id"], found),
        period_name(row["period_type"], row["period_start"]),
        about(row, found, language),
        day_words(row["raised_date"]),
        day_words(row["due_date"]),
        _name(row["owner_employee_id"], found),
        state_words(row, language),
        number(row["days_open"]),
        number(row["score_if_right"]),
    )


def about(row: Row, found: Register, language: Language) -> str:
    """Kind, metric and record of a dispute."""
    told = [say(language, *KINDS[row["dispute_kind"]])]
    if row["metric"] is not None:
        told.append(metric_name(row["metric"], found.metrics.get(row["metric"]), language))
    if row["about_key"] is not None:
        told.append(f"{row['about_system']} / {row['about_key']}")
    return ", ".join(told)


def state_words(row: Row, language: Language) -> str:
    """State, with the outcome where there is one."""
    state = say(language, *STATES[row["state"]])
    return state if row["outcome"] is None else f"{state}: {say(language, *OUTCOMES[row['outcome']])}"


def _name(employee_id: str | None, found: Register) -> str:
    return found.names.get(employee_id, employee_id) if employee_id else "-"


def evidence_story(found: Evidence, language: Language) -> Iterator[Block]:
    """The dispute, what the claim would do, the score explained, and all else that bears on it."""
    title = say(language, "Dispute ", "申诉 ") + dispute_id(found.dispute)
    yield Heading(title, 1)
    yield Lines(list(_dispute_lines(found, language)))
    yield Heading(say(language, "If the claim is right", "若主张成立"))
    yield Lines(claim_lines(found.dispute, found.explanation, language))
    # the explanation's own title becomes a section of this page
    for block in explanation_story(found.explanation, language):
        yield Heading(block.text) if isinstance(block, Heading) and block.level == 1 else block
    yield from _targets(found, language)
    yield from _decisions(found, language)
    yield from _restated(found, language)
    yield from _checks(found, language)


def _dispute_lines(found: Evidence, language: Language) -> Iterator[str]:
    row, known = found.dispute, found.register
    period = period_name(row["period_type"], row["period_start"])
    yield f"{_name(row['employee_id'], known)} · {period} · {about(row, known, language)}"
    yield say(language, "Claim: ", "主张：") + str(row["claim"])
    yield (
        say(language, "Raised ", "提出 ")
        + day_words(row["raised_date"])
        + say(language, ", due ", "，期限 ")
        + day_words(row["due_date"])
        + say(language, ", owner ", "，负责人 ")
        + _name(row["owner_employee_id"], known)
        + say(language, ", days open ", "，历时天数 ")
        + number(row["days_open"])
    )
    yield say(language, "State: ", "状态：") + state_words(row, language)
    if row["state"] == "decided":
        decider = _name(row["decided_by_employee_id"], known)
        day = day_words(row["decided_date"])
        yield say(language, f"Decided {day} by {decider}: ", f"{day} 由 {decider} 裁决：") + (row["decision"] or "-")


def _targets(found: Evidence, language: Language) -> Iterator[Block]:
    yield Heading(say(language, "Targets and their changes", "目标及其变更"))
    if not found.targets:
        yield Lines(
            [say(language, "No target is set; reference values of the standard hold.", "未设目标，采用标准参考值。")]
        )
        return
    headings = (
        say(language, "metric", "指标"),
        say(language, "whose", "对象"),
        say(language, "period", "期间"),
        say(language, "version", "版本"),
        say(language, "target", "目标"),
        say(language, "from", "生效"),
        say(language, "in force", "有效"),
        say(language, "approved by", "批准人"),
        say(language, "reason", "原因"),
    )
    metrics = found.explanation.metrics
    rows = [
        (
            metric_name(row["metric"], metrics.get(row["metric"]), language),
            _name(row["subject_id"], found.register),
            period_name(row["period_type"], row["period_start"]),
            number(row["version"]),
            amount(row["target_value"], metrics.get(row["metric"], {}).get("unit")),
            day_words(row["valid_from"]),
            say(language, "yes", "是") if row["is_in_force"] else say(language, "no", "否"),
            row["approved_by"] or "-",
            row["reason"] or "-",
        )
        for row in found.targets
    ]
    yield Grid(headings, rows, numbers=(3, 4))


def _decisions(found: Evidence, language: Language) -> Iterator[Block]:
    yield Heading(say(language, "Decisions about customers", "客户认定"))
    if not found.decisions:
        yield Lines([say(language, "Nobody decided about a customer of these facts.", "没有针对这些客户的人工认定。")])
    for row in found.decisions:
        pair = f"{row['record_id_l']} / {row['record_id_r']}: {row['decision']}"
        yield Lines([f"{pair} ({row['decided_by']}, {day_words(row['decided_on'])}) {row['reason'] or ''}".rstrip()])


def _restated(found: Evidence, language: Language) -> Iterator[Block]:
    yield Heading(say(language, "Closing and restatements", "关账与重述"))
    if found.closed is None:
        yield Lines(
            [say(language, "The period is not closed: its score follows the facts.", "本期未关账：得分随事实变动。")]
        )
    else:
        by = found.closed["closed_by"] or "-"
        yield Lines([say(language, f"The period is closed (by {by}).", f"本期已关账（关账人 {by}）。")])
    if not found.restated:
        yield Lines([say(language, "No restatement is booked.", "没有重述记录。")])
        return
    headings = (
        say(language, "booked", "登记"),
        say(language, "what", "内容"),
        say(language, "status", "状态"),
        say(language, "cause", "原因"),
        say(language, "old", "原值"),
        say(language, "new", "新值"),
    )
    rows = [
        (
            day_words(value.booked_on),
            f"{value.table}: {value.what} ({value.column})",
            value.status,
            step.cause,
            step.old or "-",
            step.new or "-",
        )
        for value in found.restated
        for step in value.steps
    ]
    yield Grid(headings, rows, numbers=(4, 5))


def _checks(found: Evidence, language: Language) -> Iterator[Block]:
    yield Heading(say(language, "Checks", "检查"))
    passed = sum(status == "passed" for status in found.checks.values())
    state = say(language, "passed", "通过") if found.gate["passed"] else say(language, "refused", "未通过")
    lines = [
        say(
            language,
            f"The gate {state} this release: {found.gate['rules']} rules, {found.gate['failed']} failed.",
            f"本次发布{state}质量门：共 {found.gate['rules']} 条规则，{found.gate['failed']} 条未通过。",
        ),
        say(
            language,
            f"Of the tables shown here: {passed} of {len(found.checks)} rules passed.",
            f"其中涉及本页各表：{len(found.checks)} 条规则中 {passed} 条通过。",
        ),
    ]
    broken = [f"{rule}: {status}" for rule, status in found.checks.items() if status != "passed"]
    release = found.release
    yield Lines([*lines, *broken])
    yield Heading(say(language, "Release", "发布版本"))
    yield Lines(
        [
            f"{release['release_id']} ({release['created_at']})",
            say(language, "Content hash ", "内容哈希 ") + str(release["content_hash"]),
            say(language, "SHA-256 of its manifest ", "清单 SHA-256 ") + str(release["manifest_sha256"]),
        ]
    )
