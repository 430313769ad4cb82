"""A hand-made warehouse that the gate passes: the tables the dbt YAML declares, with a few rows that obey every rule.

A test changes one thing in it and expects one rule to name it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.catalog import load
from tests.dbt_project.warehouse import create_declared

NOW = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
OPEN = "9999-12-31"
CONFIG = """
create table config.company as select '示例' as company_name, date '2025-03-02' as as_of_date,
    'refuse' as missing_rate;
create table config.source(source_system varchar, system varchar, org_priority integer, fresh_within_hours integer);
create table config.customer_key_event(event_no bigint, event_date date, event_type varchar, customer_key varchar,
    previous_customer_key varchar, source_system varchar, source_key varchar, reason varchar, actor varchar);
create table landing.mapped__quarantine(source_system varchar, stream varchar, entity varchar, source_key varchar,
    column_name varchar, raw_value varchar, expected varchar, load_id varchar);
"""
STANDARDS = (
    "config.appraisal_standard",
    "config.appraisal_weight",
    "config.appraisal_step",
    "config.appraisal_gate",
    "config.appraisal_rating_kind",
    "config.grade_band",
    "config.incentive_plan",
)
LANDED = ("config.load_package",)
LINE = {"source_system": "erp", "stream": "sale_order_line"}
ERP = {"source_system": "erp", "load_id": "l1"}
FACT = ERP | {
    "customer_key": "C1",
    "org_unit_id": "U2",
    "exchange_rate": 1,
    "credit_rule": "order_owner",
    "currency": "CNY",
}
SALE = FACT | {"booked_date": "2025-01-10"}
MONTH = {"period_type": "month", "period_start": "2025-01-01"}
RULE = {"standard_id": "rep", "standard_version": 1}
SCORE = {"employee_id": "E1"} | RULE | MONTH
PAY = {"employee_id": "E1", "plan_id": "pay"} | MONTH
ASKED = {"subject_type": "employee", "metric": "bookings"} | MONTH
TARGET = {"subject_id": "E1"} | ASKED
ALWAYS = {"valid_from": "2020-01-01", "valid_to": OPEN}
ISSUED = {"event_date": "2025-01-02", "event_type": "issue", "source_system": "erp"} | {
    "reason": "first seen",
    "actor": "matcher",
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "config.source": [{"source_system": "erp", "system": "odoo", "org_priority": 1, "fresh_within_hours": 36}],
    "config.appraisal_standard": [
        RULE | {"role": "sales_rep", "period_type": "month", "approved_by": "E9", "ties": "better"} | ALWAYS
    ],
    "config.appraisal_weight": [
        RULE | {"metric": metric, "subject": "person", "weight": weight, "curve": "linear", "cap": cap}
        for metric, weight, cap in (("bookings", 60, 120), ("visits", 40, 100))
    ],
    "config.appraisal_rating_kind": [RULE | {"rater_kind": "peer", "weight": 100, "anonymity_floor": 3}],
    "config.grade_band": [RULE | {"position": 1, "grade": "A", "min_score": 80}],
    "canonical.org_unit": [
        ERP | {"source_key": "1", "unit_code": "U1", "unit_name": "公司"} | ALWAYS,
        ERP | {"source_key": "2", "unit_code": "U2", "unit_name": "华东", "parent_unit_key": "1"} | ALWAYS,
    ],
    "canonical.employee": [
        ERP | {"source_key": f"{n}", "employee_number": f"E{n}", "employee_name": f"员工{n}"} for n in (1, 2)
    ],
    "canonical.customer_record": [
        ERP | {"source_key": key, "party_type": "organisation", "customer_name": name}
        for key, name in (("1", "甲公司"), ("2", "甲公司上海分公司"))
    ],
    "canonical.sales_order": [
        ERP
        | {"source_key": f"{n}", "order_number": f"S{n}", "status": "confirmed", "order_date": "2025-01-10"}
        | {"currency": "CNY", "net_amount": 100 * n}
        for n in range(1, 4)
    ],
    "canonical.sales_order_line": [
        ERP | {"source_key": f"{n}", "order_key": f"{n}", "line_number": 1, "quantity": 1, "net_amount": 100 * n}
        for n in range(1, 4)
    ],
    "canonical.credit_split": [
        ERP | {"source_key": "3|E1", "order_key": "3", "employee_key": "E1", "credit_share": "0.333333333"},
        ERP | {"source_key": "3|E2", "order_key": "3", "employee_key": "E2", "credit_share": "0.666666667"},
    ],
    "canonical.invoice": [
        ERP
        | {"source_key": "1", "invoice_type": "invoice", "status": "posted", "invoice_date": "2025-01-11"}
        | {"currency": "CNY", "net_amount": 100}
    ],
    "canonical.invoice_line": [ERP | {"source_key": "1", "invoice_key": "1", "quantity": 1, "net_amount": 100}],
    "canonical.payment": [
        ERP | {"source_key": "1", "status": "posted", "payment_date": "2025-01-20", "currency": "CNY", "amount": 100}
    ],
    "canonical.opportunity": [
        ERP | {"source_key": "1", "opportunity_name": "商机", "status": "won", "amount": 100, "currency": "CNY"}
    ],
    "canonical.contract": [
        ERP
        | {"source_key": "1", "contract_type": "contract", "contract_number": "HT-1", "status": "agreed"}
        | {"amount": 100, "currency": "CNY", "created_date": "2025-01-05"}
        | {"valid_from": "2025-01-06", "valid_to": "2026-01-06"}
    ],
    "marts.contract_register": [
        {
            "source_system": "erp",
            "source_key": "1",
            "contract_type": "contract",
            "contract_number": "HT-1",
            "status": "agreed",
        }
        | {"employee_id": "E1", "created_date": "2025-01-05", "is_in_force": True}
    ],
    "core.dim_date": [
        {"date_day": f"2025-01-{day}", "is_working_day": day < 11, "working_day_number": number}
        | {"opening_minute": 540, "closing_minute": 1080}
        | {"working_minutes_before": before, "working_minutes": number * 540}
        for day, number, before in ((10, 1, 0), (11, 1, 540), (12, 1, 540))
    ],
    "core.int_exchange_rate": [{"currency": "CNY", "rate": 1} | ALWAYS],
    "core.dim_org_unit": [
        ERP | {"source_key": "1", "org_unit_id": "U1", "unit_name": "公司", "is_current": True} | ALWAYS,
        ERP
        | {"source_key": "2", "org_unit_id": "U2", "unit_name": "华东", "parent_org_unit_id": "U1", "is_current": True}
        | ALWAYS,
        {"org_unit_id": "unassigned", "unit_name": "unassigned", "valid_from": "1900-01-01", "valid_to": OPEN},
    ],
    "core.dim_employee": [
        {"employee_id": employee, "employee_name": employee, "valid_from": "1900-01-01", "valid_to": OPEN}
        for employee in ("E1", "E2", "unassigned")
    ],
    "core.dim_assignment": [
        ERP
        | {"source_key": "1", "employee_id": "E1", "org_unit_id": "U2", "role": "sales_rep"}
        | {"manager_employee_id": "E2", "is_primary": True, "valid_from": "2024-01-01", "valid_to": "2025-01-01"},
        ERP
        | {"source_key": "2", "employee_id": "E1", "org_unit_id": "U2", "role": "sales_rep"}
        | {"manager_employee_id": "E2", "is_primary": True, "valid_from": "2025-01-01", "valid_to": OPEN},
    ],
    "core.dim_customer": [
        {"customer_key": key, "customer_name": name, "record_count": 1, "parent_customer_key": parent}
        | {"ultimate_parent_customer_key": "C1"}
        for key, name, parent in (("C1", "甲公司", None), ("C2", "甲公司上海分公司", "C1"))
    ],
    "core.dim_customer_field": [
        {"customer_key": f"C{key}", "field": "customer_name", "value": name, "source_system": "erp", "source_key": key}
        for key, name in (("1", "甲公司"), ("2", "甲公司上海分公司"))
    ],
    "marts.customer_lifecycle": [
        {"customer_key": "C1", "state": "prospect", "valid_from": "2024-12-01", "valid_to": "2025-01-10"},
        {"customer_key": "C1", "state": "new", "valid_from": "2025-01-10", "valid_to": OPEN},
        {"customer_key": "C2", "state": "prospect", "valid_from": "2024-12-01", "valid_to": OPEN},
    ],
    "marts.customer_profile": [
        {"customer_key": "C1", "lifecycle_state": "new", "net_amount": 600},
        {"customer_key": "C2", "lifecycle_state": "prospect", "net_amount": 0},
    ],
    "canonical.survey_response": [
        ERP
        | {"source_key": "1", "respondent_type": "customer", "metric": "csat", "score": 4, "scale_max": 5}
        | {"responded_date": "2025-02-01"}
    ],
    "canonical.employment_event": [
        ERP | {"source_key": "1", "employee_key": "E1", "event_type": "hired", "event_date": "2024-01-01"},
        ERP
        | {"source_key": "2", "employee_key": "E2", "event_type": "left", "event_date": "2025-02-01"}
        | {"is_voluntary": True},
    ],
    "canonical.headcount_plan": [
        ERP
        | {"source_key": "1", "unit_key": "U2", "planned_headcount": 3, "valid_from": "2024-01-01"}
        | {"valid_to": "2025-01-01"},
        ERP
        | {"source_key": "2", "unit_key": "U2", "planned_headcount": 4, "valid_from": "2025-01-01", "valid_to": OPEN},
    ],
    "canonical.training_record": [ERP | {"source_key": "1", "employee_key": "E1", "course": "新品应用", "hours": 8}],
    "canonical.review_rating": [
        ERP | {"source_key": key, "review_key": "E1-202501", "employee_key": "E1", "rater_kind": kind} | MONTH
        for key, kind in (("1", "manager"), ("2", "self"))
    ],
    "canonical.appraisal_action": [
        ERP | {"source_key": "1", "employee_key": "E1", "actor_key": "E2", "action_type": "review_talk"} | MONTH
    ],
    "canonical.dispute": [
        ERP
        | {"source_key": "1", "employee_key": "E1", "dispute_kind": "missing_sale", "metric": "bookings"}
        | {"claim": "S9", "claimed_amount": 10, "raised_date": "2025-02-03", "due_date": "2025-02-28"}
        | {"decided_date": "2025-02-10", "outcome": "upheld"}
        | MONTH
    ],
    "canonical.market_size": [
        ERP
        | {"source_key": key, "market_key": "自动化", "industry": industry, "amount": 9000, "currency": "CNY"}
        | MONTH
        for key, industry in (("1", None), ("2", "新能源"))
    ],
    "core.customer_source": [
        {"source_system": "erp", "source_key": key, "customer_key": f"C{key}", "match_reason": "single"}
        | {"match_probability": 1}
        for key in ("1", "2")
    ],
    "core.int_customer_resolution": [
        {"record_id": f"erp:{key}", "source_system": "erp", "source_key": key, "cluster_id": f"erp:{key}"}
        for key in ("1", "2")
    ],
    "core.customer_key_event": [
        ISSUED | {"event_no": 1, "customer_key": "C1", "source_key": "1"},
        ISSUED | {"event_no": 2, "customer_key": "C2", "source_key": "2"},
    ],
    "config.customer_key_event": [ISSUED | {"event_no": 1, "customer_key": "C1", "source_key": "1"}],
    "core.customer_decision": [
        {"decision_no": 1, "decision": "different", "record_id_l": "erp:1", "record_id_r": "erp:2"}
        | {"decided_by": "李敏", "decided_on": "2025-01-02", "reason": "两家公司"}
    ],
    "core.fct_sales_credit": [
        SALE | {"source_key": "1", "order_key": "1", "employee_id": "E1", "credit_share": 1, "credited_amount": 100},
        SALE
        | {"source_key": "2", "order_key": "2", "employee_id": "unassigned", "org_unit_id": "unassigned"}
        | {"credit_share": 1, "credited_amount": 200},
        SALE
        | {
            "source_key": "3",
            "order_key": "3",
            "employee_id": "E1",
            "credit_share": "0.333333333",
            "credited_amount": 100,
        },
        SALE
        | {
            "source_key": "3",
            "order_key": "3",
            "employee_id": "E2",
            "credit_share": "0.666666667",
            "credited_amount": 200,
        },
    ],
    "core.fct_billing_credit": [
        FACT | {"source_key": "1", "employee_id": "E1", "credit_share": 1, "credited_amount": 100}
    ],
    "core.fct_collection_credit": [
        FACT | {"source_key": "1", "employee_id": "E1", "credit_share": 1, "credited_amount": 100}
    ],
    "core.fct_overlay_credit": [
        SALE
        | {"source_key": "1", "order_key": "1", "employee_id": "E2", "overlay_id": "robots", "credit_share": "0.2"}
        | {"credited_amount": 20, "credit_rule": "overlay:robots"}
    ],
    "core.dim_credit_rule": [
        {"credit_rule": "order_owner", "kind": "rule", "text_en": "Salesperson of the order"},
        {"credit_rule": "overlay:robots", "kind": "overlay", "territory_id": "robots", "text_en": "Overlay"},
    ],
    "marts.credit_conflict": [
        {"conflict_type": "cross_region", "source_system": "erp", "order_key": "3", "line_key": "*"}
        | {"employee_id": "E1", "other_employee_id": "E2"}
    ],
    "marts.metric_registry": [
        {"metric": "bookings"},
        {"metric": "visits"},
        {"metric": "new_customers", "uncertainty": "identity"},
        {"metric": "collections", "aggregation": "additive", "roles": "sales_rep"},
    ],
    "marts.quality_twin": [{"speed_metric": "bookings", "quality_metric": "visits"}],
    "canonical.stage_event": [
        ERP | {"source_key": "1", "opportunity_key": "1", "stage": "New", "entered_at": "2025-01-01 02:00:00"}
    ],
    "marts.stage_history": [
        {"process": "opportunity", "source_system": "erp", "item_key": "1", "stay_number": 1, "stage": "prospecting"}
        | {"source_stage": "New", "employee_id": "E1", "org_unit_id": "U2", "entered_date": "2025-01-01", "days": 60}
        | {"is_current": True}
    ],
    "marts.open_item": [
        {"process": "opportunity", "source_system": "erp", "item_key": "1", "stage": "prospecting"}
        | {"employee_id": "E1", "org_unit_id": "U2", "is_owner_missing": False, "is_owner_gone": False}
        | {"is_due_date_missing": True, "is_overdue": False, "is_stuck": False, "is_stage_unknown": False}
        | {"finding_zh": "没有到期日", "finding_en": "has no due date"}
    ],
    "marts.time_in_stage": [
        {"subject_type": "company", "subject_id": "company", "process": "opportunity", "stage": "prospecting"}
        | {"stays": 2, "average_days": 3, "overdue_share": 0, "skipped_share": 0, "reopened_share": "0.5"}
        | MONTH
    ],
    "marts.process_kpi": [
        {"subject_type": "company", "subject_id": "company", "org_view": "as_was"}
        | {"speed_metric": "bookings", "quality_metric": "visits"}
        | MONTH
    ],
    "marts.kpi_value": [
        {"subject_type": kind, "subject_id": subject, "metric": metric, "org_view": "as_was", "value": value}
        | {"value_status": "ok" if value is not None else "no_data"}
        | MONTH
        for kind, subject, metric, value in (
            ("employee", "E1", "bookings", 200),
            ("org_unit", "U2", "bookings", 400),
            ("company", "company", "bookings", 600),
            ("company", "company", "visits", None),
        )
    ]
    + [
        {"subject_type": "company", "subject_id": "company", "metric": "new_customers", "org_view": "as_was"}
        | {"value": 2, "value_status": "ok", "value_low": 1, "value_high": 2}
        | MONTH
    ]
    + [
        {"subject_type": kind, "subject_id": subject, "metric": "collections", "org_view": org_view, "value": value}
        | {"value_status": "ok", "period_end": "2025-01-31"}
        | MONTH
        for org_view in ("as_was", "as_is")
        for kind, subject, value in (
            ("employee", "E2", "60.01"),
            ("employee", "unassigned", "39.99"),
            ("org_unit", "U1", "60.01"),
            ("org_unit", "U2", "60.01"),
            ("org_unit", "unassigned", "39.99"),
            ("company", "company", "100"),
        )
    ],
    "core.int_unit_ancestor": [
        {"org_unit_id": unit, "ancestor_id": above, "depth": depth, "valid_from": "1900-01-01", "valid_to": OPEN}
        for unit, above, depth in (("U1", "U1", 0), ("U2", "U2", 0), ("U2", "U1", 1), ("unassigned", "unassigned", 0))
    ],
    "canonical.target": [
        ERP | {"source_key": "1", "subject_ref": "E1", "target_value": 100, "version": 1} | ASKED,
    ],
    "marts.target_version": [
        TARGET | {"version": 1, "target_value": 120, "is_in_force": False},
        TARGET | {"version": 2, "target_value": 100, "is_in_force": True},
    ],
    "marts.target_share": [
        MONTH
        | {"employee_id": "E1", "metric": "bookings", "posted_from": day, "target_value": 100}
        | {"share": share, "amount": amount}
        for day, share, amount in (
            ("2025-01-01", "0.333333333", "33.333333"),
            ("2025-01-11", "0.666666667", "66.666667"),
        )
    ],
    "marts.target_cascade": [
        MONTH
        | {"subject_type": "org_unit", "subject_id": "U2", "metric": "bookings", "level": "employee"}
        | {"target_value": 150, "parts_value": 100, "part_count": 1, "gap": 50, "status": "ok"}
    ],
    "marts.target_pace": [
        TARGET
        | {"is_complete": True, "target_value": 100, "expected_value": 100, "forecast_status": "closed"}
        | {"landing_low": 200, "landing_value": 200, "landing_high": 200}
    ],
    "marts.target_check": [
        TARGET | dict.fromkeys(("specific", "measurable", "achievable", "relevant", "time_bound", "verdict"), "met")
    ],
    "marts.appraisal_score": [
        SCORE
        | {"role": "sales_rep", "score": "85.5", "grade": "A", "status": "scored", "is_capped": False}
        | {"uncapped_score": "85.5", "earned_grade": "A", "place": 1, "people": 1}
    ],
    "marts.appraisal_component": [
        SCORE | {"metric": "bookings", "weight": 60, "points": 110, "weighted_points": 66, "is_applicable": True},
        SCORE | {"metric": "visits", "weight": 40, "points": "48.75", "weighted_points": "19.5", "is_applicable": True},
    ],
    "marts.appraisal_part": [
        SCORE
        | {"part_number": 1, "role": "sales_rep", "part_score": "85.5", "part_status": "ok"}
        | {"days_from": "2025-01-01", "days_to": "2025-02-01"}
    ],
    "marts.appraisal_part_component": [
        SCORE
        | {"part_number": 1, "metric": metric, "subject": "person", "subject_id": "E1", "is_divided": False}
        | {"points": points, "cap": cap, "weighted_points": weighted, "raw_value": value, "is_applicable": True}
        for metric, points, cap, weighted, value in (
            ("bookings", 110, 120, 66, 200),
            ("visits", "48.75", 100, "19.5", 4),
        )
    ],
    "marts.appraisal_contribution": [
        MONTH
        | {"employee_id": "E1", "part_number": 1, "metric": "bookings", "fact_number": number, "fact_kind": "record"}
        | {"source_entity": "sales_order_line", "source_system": "erp", "source_key": key, "load_id": "l1"}
        | {"points": points}
        for number, key, points in ((1, "3", "60"), (2, "1", "6"))
    ]
    + [
        MONTH
        | {"employee_id": "E1", "part_number": 1, "metric": "visits", "fact_number": 1, "fact_kind": "unrecorded"}
        | {"points": "19.5"}
    ],
    "marts.appraisal_flip": [
        {"employee_id": "E1", "left_out_kind": kind, "left_out_system": "", "left_out_key": key, "score": "85.5"}
        | {"grade": "A", "score_without": without, "grade_without": grade, "changes_grade": grade != "A"}
        | MONTH
        for kind, key, without, grade in (("nothing", "", "85.5", "A"), ("customer", "C1", "40", "B"))
    ],
    "config.load_package": [
        LINE | {"load_id": load_id, "file": f"{load_id}.0.parquet", "landed_rows": rows}
        for load_id, rows in (("l0", 1), ("l1", 2))
    ],
    "core.int_record_fate": [
        LINE | {"record_key": key, "fate": fate, "entity": "sales_order_line", "source_key": key, "load_id": load_id}
        for key, load_id, fate in (("1", "l0", "superseded"), ("1", "l1", "credited"), ("3", "l1", "not_counted"))
    ],
    "marts.record_fate_total": [
        LINE | {"fate": fate, "entity": "sales_order_line", "records": 1, "is_listed": is_listed}
        for fate, is_listed in (("superseded", False), ("credited", False), ("not_counted", True))
    ],
    "marts.record_fate": [LINE | {"record_key": "3", "fate": "not_counted", "entity": "sales_order_line"}],
    "core.landed_record": [
        {"entity": "sales_order_line", "source_system": "erp", "source_key": key, "load_id": load_id}
        for key, load_id in (("1", "l0"), ("1", "l1"), ("3", "l1"))
    ],
    "config.incentive_plan": [{"plan_id": "pay", "plan_version": 1} | ALWAYS],
    "marts.incentive_statement": [
        PAY
        | {"plan_version": 1, "status": "final", "calculated_amount": 7, "earned_amount": 5, "cap_reduction": -2}
        | {"clawback_amount": -2, "guarantee_amount": 1, "bonus_amount": 10, "payable_amount": 14}
        | {"owed_before": 0, "owed_after": 0}
    ],
    "marts.incentive_line": [
        PAY
        | {"line_number": number, "line_kind": kind, "line_status": "ok", "amount": amount, "source_entity": entity}
        | {"source_system": entity and "erp", "source_key": entity and "1", "load_id": entity and "l1"}
        | {"credited_amount": entity and 100, "calculated_amount": calculated, "paid_source_key": paid}
        for number, kind, amount, entity, calculated, paid in (
            (1, "sale", 5, "sales_order_line", 7, None),
            (2, "return", -2, "sales_order_line", -2, "1"),
            (3, "guarantee", 1, None, None, None),
            (4, "bonus", 10, None, None, None),
        )
    ],
    "marts.incentive_eligibility": [
        PAY | {"kind": "bonus", "item": "A", "eligibility": "eligible", "grade": "A", "score": "85.5", "amount": 10}
    ],
    "marts.appraisal_gate": [
        SCORE
        | {"gate_id": "few", "metric": "bookings", "value": 200, "breach": "below", "limit_value": 100}
        | {"is_breached": False, "cap_score": 50}
    ],
    "marts.appraisal_rating": [
        SCORE | {"rater_kind": "peer", "is_anonymous": True, "raters": 3, "average_points": 80, "rating_status": "ok"}
    ],
    "marts.appraisal_rater": [
        MONTH
        | {"rater_employee_id": "E2", "rater_kind": "peer", "ratings": 3, "average_points": 80}
        | {"compared_ratings": 3, "leniency_points": 5, "disagreement_points": 6, "rater_status": "ok"}
    ],
    "marts.appraisal_calendar": [
        {"employee_id": "E1"}
        | MONTH
        | {"step": "reviewed", "step_no": 3, "due_date": "2025-02-14", "done_date": "2025-02-14", "state": "done"}
        | {"awaited_count": 1, "done_count": 1}
    ],
    "marts.appraisal_state": [
        {"employee_id": "E1"} | MONTH | {"state": "reviewed", "reviewed_date": "2025-02-14", "overdue_steps": 0}
    ],
    "marts.dispute_register": [
        {"source_system": "erp", "source_key": "1", "employee_id": "E1", "dispute_kind": "missing_sale"}
        | {"metric": "bookings", "raised_date": "2025-02-03", "due_date": "2025-02-28"}
        | {"state": "decided", "decided_date": "2025-02-10"}
        | {"outcome": "upheld", "days_open": 7, "claim_status": "computed", "score_computed": "85.5"}
        | {"decided_by_employee_id": "E2", "score_if_right": "86.5", "score_change": 1}
        | MONTH
    ],
    "marts.reconciliation": [
        {
            "stage": "canonical_to_credit",
            "entity": "sales_order_line",
            "source_system": "erp",
            "left_count": 3,
            "right_count": 3,
        }
        | {"difference_count": 0, "difference_sum": 0},
        {"stage": "source_to_landing", "entity": "sale_order", "source_system": "erp", "right_count": 3},
    ],
    "marts.source_freshness": [
        {"source_system": "erp", "stream": "sale_order", "last_status": "ok", "fresh_within_hours": 36}
        | {"last_success_at": "2025-03-02 02:00:00+00", "stale_after": "2025-03-03 14:00:00+00"}
    ],
}


def build(path: Path, rows: Mapping[str, list[dict[str, Any]]] | None = None) -> Path:
    """Write the warehouse; columns a row does not name are null. Text columns that must be filled get a filler."""
    path.unlink(missing_ok=True)
    tables = load()
    with duckdb.connect(str(path)) as con:
        con.execute("set TimeZone = 'UTC'")
        for schema in ("config", "landing", "canonical", "core", "marts"):
            con.execute(f"create schema {schema}")
        con.execute(CONFIG)
        create_declared(con, STANDARDS + LANDED)
        for table in tables.values():
            columns = ", ".join(f"{column.name} {column.data_type}" for column in table.columns)
            con.execute(f"create table {table.relation} ({columns})")
        for relation, some in (rows or ROWS).items():
            for row in some:
                insert(con, relation, row)
    return path


def insert(con: duckdb.DuckDBPyConnection, relation: str, row: Mapping[str, Any]) -> None:
    """Add one row by column name."""
    marks = ", ".join("?" for _ in row)
    con.execute(f"insert into {relation} ({', '.join(row)}) values ({marks})", list(row.values()))


def change(path: Path, *statements: str) -> Path:
    """Break something in the warehouse by SQL."""
    with duckdb.connect(str(path)) as con:
        for statement in statements:
            con.execute(statement)
    return path
