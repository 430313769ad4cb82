"""The company folder of the benchmark company: what its data engineer would have written to put it on Scoreline.

The YAML files under `template/` are copied as they are, and over them those under `crm/<vendor>/` when another vendor
than the template's plays the CRM; addresses and secrets come from the environment (`ENVIRONMENT`). `standards` reads
the appraisal standards, `plans` the incentive plans from the same files for the reference.
"""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from connectors.sandbox.demo_crm import DEFAULT_CRM
from connectors.sandbox.reference import Gate, Plan, Standard, Weight
from connectors.sandbox.reference.plan import Commission, Steps

TEMPLATE = Path(__file__).parent / "template"
CRM_TEMPLATES = Path(__file__).parent / "crm"
"""What differs from the template, by vendor of the CRM; the template's own vendor has no folder here."""
ENVIRONMENT = (
    "SCORELINE_DEMO_ERP_URL",
    "SCORELINE_DEMO_ERP_KEY",
    "SCORELINE_DEMO_CRM_URL",
    "SCORELINE_DEMO_CRM_SECRET",
    "SCORELINE_DEMO_FILES",
)
"""Variables the folder refers to: address and secret of either sandbox, the folder `workbooks.write_files` wrote."""


def write_company_folder(folder: Path, crm_name: str = DEFAULT_CRM) -> Path:
    """Copies the demo's company folder; an existing folder is overwritten file by file. Returns it."""
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True)
    if crm_name != DEFAULT_CRM:
        shutil.copytree(CRM_TEMPLATES / crm_name, folder, dirs_exist_ok=True)
    return folder


def standards(folder: Path = TEMPLATE) -> tuple[Standard, ...]:
    """Every version of every appraisal standard in a company folder, in the reference's shape."""
    documents = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((folder / "standards").glob("*.yaml"))
    ]
    return tuple(_standard(document, version) for document in documents for version in document["versions"])


def _standard(document: dict[str, Any], version: dict[str, Any]) -> Standard:
    tenure, minimum, ramp, ratings = (version.get(name) or {} for name in ("tenure", "minimum", "ramp", "ratings"))
    is_forced = "share_pct" in version["grades"][0]
    border = "share_pct" if is_forced else "min_score"
    return Standard(
        id=document["id"],
        version=version["version"],
        role=document["role"],
        valid_from=_day(version["valid_from"]),
        weights=tuple(_weight(weight) for weight in version["weights"]),
        grades=tuple((grade["grade"], _number(grade[border])) for grade in version["grades"]),
        period_type=version["period_type"],
        tenure=(tenure.get("from_months", 0), tenure.get("below_months")),
        tenure_on=version.get("tenure_on", "period_start"),
        ramp=_ramp(ramp) if ramp else None,
        minimum=(
            _number(minimum.get("weight_pct", 0)),
            minimum.get("components", 1),
            minimum.get("working_days", 1),
        ),
        gates=tuple(_gate(gate) for gate in version.get("gates", ())),
        is_forced=is_forced,
        ties=version.get("ties", "better"),
        rating_kinds=tuple(
            (one["kind"], _number(one["weight"]), one.get("min_raters", 1)) for one in ratings.get("kinds", ())
        ),
        anonymous=tuple(ratings.get("anonymous", ("peer", "customer"))),
        anonymity_floor=ratings.get("anonymity_floor", 3),
        min_raters=ratings.get("min_raters", 1),
    )


def plans(folder: Path = TEMPLATE) -> tuple[Plan, ...]:
    """Every version of every incentive plan in a company folder, in the reference's shape."""
    paths = sorted((folder / "incentives").glob("*.yaml"))
    return tuple(plan for path in paths for plan in plan_versions(yaml.safe_load(path.read_text(encoding="utf-8"))))


def plan_versions(document: dict[str, Any]) -> tuple[Plan, ...]:
    """Every version of one incentive plan as its file states it."""
    begins = [_day(version["valid_from"]) for version in document["versions"]]
    return tuple(
        _plan(document, version, begin, end)
        for version, begin, end in zip(document["versions"], begins, [*begins[1:], date(9999, 12, 31)], strict=True)
    )


def _plan(document: dict[str, Any], version: dict[str, Any], begin: date, end: date) -> Plan:
    bonus, promotion, training = (version.get(name) for name in ("bonus", "promotion", "training"))
    return Plan(
        id=document["id"],
        version=version["version"],
        period_type=document["period_type"],
        valid_from=begin,
        valid_to=end,
        roles=tuple(version["roles"]),
        commission=_commission(version["commission"]) if "commission" in version else None,
        bonus=tuple((grade, _number(amount)) for grade, amount in bonus["grades"].items()) if bonus else None,
        bonus_pro_rata=bonus.get("pro_rata", True) if bonus else True,
        promotion=(tuple(promotion["grades"]), promotion["periods"], promotion.get("to_role")) if promotion else None,
        training=(
            (
                _number(training["below_points"]),
                training.get("at_most", 2),
                tuple(one["metric"] for one in training["courses"]),
            )
            if training
            else None
        ),
    )


def _commission(commission: dict[str, Any]) -> Commission:
    tiers, faster = commission["tiers"], commission.get("accelerators", {})
    guarantee, draw, clawback = (commission.get(name, {}) for name in ("guarantee", "draw", "clawback"))
    return Commission(
        pays_on=commission["pays_on"],
        tiers=_steps(tiers, "rate_pct"),
        basis=commission.get("basis", "amount"),
        tiers_by=tiers.get("by", "amount"),
        tiers_method=tiers.get("method", "marginal"),
        accelerators=_steps(faster, "factor"),
        accelerators_method=faster.get("method", "marginal"),
        cap=_known(commission.get("cap")),
        guarantee=(_number(guarantee["amount"]), guarantee.get("below_months")) if guarantee else None,
        draw=(_number(draw["amount"]), draw["recoverable"]) if draw else None,
        returns=clawback.get("returns", True),
        bad_debt_days=clawback.get("bad_debt_days"),
        pays_after_leaving=commission.get("after_leaving", "paid") == "paid",
    )


def _steps(part: dict[str, Any], value: str) -> Steps:
    return tuple((_number(step["at_least"]), _number(step[value])) for step in part.get("steps", ()))


def _ramp(ramp: dict[str, Any]) -> tuple[int, int, Decimal]:
    return ramp.get("from_months", 0), ramp["to_months"], _number(ramp.get("expectation_pct", 100))


def _weight(weight: dict[str, Any]) -> Weight:
    curve = weight.get("curve", {})
    kind = curve.get("type", "linear")
    steps = tuple(
        (_number(step.get("at_least", step.get("up_to"))), _number(step["points"])) for step in curve.get("steps", ())
    )
    full_marks = max(points for _, points in steps) if steps else {"capped": Decimal(100)}.get(kind, Decimal(120))
    return Weight(
        metric=weight["metric"],
        weight=_number(weight["weight"]),
        cap=_number(curve.get("cap", full_marks)),
        reference_value=_known(weight.get("reference_value", 100 if weight["metric"] == "rating" else None)),
        curve=kind,
        subject=weight.get("subject", "person"),
        weight_at_start=_known(weight.get("weight_at_start")),
        zero_at=_number(curve.get("zero_at", 0)),
        threshold=_number(curve.get("threshold", 0)),
        steps=steps,
    )


def _gate(gate: dict[str, Any]) -> Gate:
    breach = "above" if "above" in gate else "below"
    caps = _known(gate.get("cap_score")), gate.get("cap_grade")
    metric, kind = gate.get("metric", "rating"), gate.get("rating")
    return Gate(gate["id"], metric, breach, _number(gate[breach]), *caps, gate["reason"]["en"], kind)


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _known(value: Any) -> Decimal | None:
    return None if value is None else _number(value)


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
