"""What the drawings call things, in Chinese and English; what a source calls its own stays as it is."""

from typing import Literal

from pipelines.organisation.tree import NOBODY, Found, Organisation, Person, Unit

Language = Literal["zh", "en"]

_WORDS: dict[str, tuple[str, str]] = {
    "company": ("公司", "company"),
    "division": ("部门", "division"),
    "region": ("大区", "region"),
    "team": ("小组", "team"),
    "post": ("岗位", "post"),
    "sales_director": ("销售总监", "sales director"),
    "regional_manager": ("大区经理", "regional manager"),
    "sales_rep": ("销售代表", "sales rep"),
    "after_sales": ("售后", "after-sales"),
    "hr": ("人事", "HR"),
    "head": ("负责人", "head"),
    "side": ("兼岗", "side post"),
    NOBODY: ("未分配", "unassigned"),
    "posting_gap": ("任职中断", "gap between posts"),
    "posting_ended": ("任职已止，未见离职", "post ended, not known to have left"),
    "two_primary_posts": ("两个主岗", "two primary posts"),
    "posting_to_absent_unit": ("任职单元不存在", "posted to a unit that does not stand"),
    "posting_to_unknown_unit": ("任职单元未知", "posted to an unknown unit"),
    "no_posting": ("没有任职", "no post at all"),
    "time_share_over_one": ("时间占比超过 1", "shares of time over 1"),
    "manager_unknown": ("上级未知", "unknown manager"),
    "manager_left": ("上级已离职", "manager has left"),
    "manager_is_oneself": ("上级是本人", "own manager"),
    "unit_without_parent": ("上级单元不存在", "unit without its parent"),
    "unit_cycle": ("单元循环", "circle of units"),
    "source_conflict_unit": ("来源冲突：单元", "sources disagree on the unit"),
    "source_conflict_manager": ("来源冲突：上级", "sources disagree on the manager"),
    "source_conflict_parent": ("来源冲突：上级单元", "sources disagree on the parent unit"),
    "owner_left": ("负责人已离职", "owner has left"),
    "owner_without_post": ("负责人没有岗位", "owner has no post"),
    "error": ("错误", "error"),
    "warning": ("警告", "warning"),
    "info": ("提示", "info"),
}


def word(name: str, language: Language) -> str:
    """The word for a role, a type of unit or of finding; what nobody translated stays as it is."""
    return _WORDS.get(name, (name, name))[0 if language == "zh" else 1]


def unit_names(unit: Unit, language: Language) -> tuple[str, ...]:
    """The unit's names, each once, the one in the language asked for first."""
    names = [unit.name, unit.name_en] if language == "zh" else [unit.name_en, unit.name]
    return tuple(dict.fromkeys(name for name in names if name))


def people_count(count: int, language: Language) -> str:
    """`3 人`, `3 people`."""
    return f"{count} 人" if language == "zh" else f"{count} {'person' if count == 1 else 'people'}"


def person_words(person: Person, language: Language) -> str:
    """What is said of somebody after their name: role, side post, share of time; each as far as there is any."""
    side = word("side", language) if person.role is not None and not person.is_primary else None
    share = f"{(person.time_share * 100).normalize():f} %" if person.time_share != 1 else None
    role = word(person.role, language) if person.role else None
    return "".join(f", {part}" for part in (role, side, share) if part)


def stray_words(unit: Unit, language: Language) -> str:
    """What is said of a unit that is drawn at the top although it has a parent: that does not stand, or in a circle."""
    return f"上级 {unit.parent_id} 不在其上" if language == "zh" else f"not below its parent {unit.parent_id}"


def found_words(finding: Found, language: Language) -> str:
    """`error: circle of units × 2`."""
    return f"{word(finding.severity, language)}: {word(finding.finding_type, language)} × {finding.count}"


def title(found: Organisation, language: Language) -> str:
    """What is drawn, in one line."""
    units, people = found.unit_count, people_count(found.headcount, language)
    if language == "zh":
        return f"{found.on} 的组织：{units} 个单元，{people}（版本 {found.release}）"
    return f"Organisation on {found.on}: {units} unit{'' if units == 1 else 's'}, {people} (release {found.release})"


def findings_line(found: Organisation, language: Language) -> str:
    """How many findings hold that day."""
    count = sum(finding.count for finding in found.findings)
    if language == "zh":
        return f"当日发现 {count} 项" if count else "当日没有发现"
    return f"{count or 'No'} finding{'' if count == 1 else 's'} on this day"
