"""The benchmark company as canonical rows: what ERP, CRM and HR folder would deliver, without connectors in between.

Systems: `erp` knows parties by their ERP name, products, orders, invoices and payments; `crm` knows parties by their
CRM name, opportunities and activities; `hr` knows units, assignments, targets, splits and rates. All three know the
employees.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from connectors.sandbox.company import BenchmarkCompany, Invoice, Order, Party, Payment
from connectors.sandbox.reference import Standard, Weight
from pipelines.company.calendar import calendar_days
from pipelines.company.models import Calendar

Rows = dict[str, list[dict[str, Any]]]
CONTRACT_COLUMNS = (
    "source_key, contract_type, contract_number, customer_record_key, opportunity_key, status, amount, currency, "
    "created_date, valid_from, valid_to"
)
"""Of a staged quote or contract: its key and what `contracts` says of it."""


def mapped(company: BenchmarkCompany) -> Rows:
    """Rows per canonical entity."""
    return {
        "org_unit": list(_units(company)),
        "employee": list(_employees(company)),
        "assignment": list(_assignments(company)),
        "customer_record": list(_parties(company)),
        "opportunity": list(_opportunities(company)),
        "lead": list(_leads(company)),
        "contract": list(_contracts(company)),
        "stage_event": list(_stage_events(company)),
        "activity": [*_activities(company), *_coaching_talks(company), *_feedback(company)],
        "service_case": list(_cases(company)),
        "product": list(_products(company)),
        "sales_order": [_order(order) for order in company.orders],
        "sales_order_line": [line for order in company.orders for line in _order_lines(order)],
        "credit_split": list(_splits(company)),
        "invoice": [_invoice(invoice) for invoice in company.invoices],
        "invoice_line": [line for invoice in company.invoices for line in _invoice_lines(invoice)],
        "payment": [_payment(payment) for payment in company.payments],
        "target": list(_targets(company)),
        "exchange_rate": list(_rates(company)),
        "employment_event": list(_employment_events(company)),
        "headcount_plan": list(_plans(company)),
        "training_record": list(_trainings(company)),
        "review_rating": list(_reviews(company)),
        "survey_response": [*_answers(company), *_staff_answers(company)],
        "market_size": list(_market_sizes(company)),
    }


def config(company: BenchmarkCompany, *standards: Standard) -> Rows:
    """The company folder of the benchmark company with these appraisal standards."""
    return {
        "company": [
            {
                "company_name": company.name,
                "company_name_en": company.name_en,
                "reporting_currency": company.reporting_currency,
                "time_zone": company.time_zone,
                "fiscal_year_start_month": 1,
                "as_of_date": company.as_of,
            }
        ],
        "source": [
            {"source_system": "hr", "system": "files", "org_priority": 1, "fresh_within_hours": 36},
            {"source_system": "erp", "system": "odoo", "org_priority": 2, "fresh_within_hours": 36},
            {"source_system": "crm", "system": "salesforce", "org_priority": None, "fresh_within_hours": 36},
        ],
        "calendar_day": [asdict(day) for day in calendar_days(Calendar(country="CN"), "zh", company.as_of)],
        **standard_tables(*standards),
    }


def standard_tables(*standards: Standard) -> Rows:
    """The tables of these appraisal standards."""
    return {
        "appraisal_standard": [_standard(standard, standards) for standard in standards],
        "appraisal_weight": [_weight(weight) | _version(one) for one in standards for weight in one.weights],
        "appraisal_step": [
            {"metric": weight.metric, "boundary": boundary, "points": points} | _version(one)
            for one in standards
            for weight in one.weights
            for boundary, points in weight.steps
        ],
        "appraisal_gate": [
            {
                "gate_id": gate.id,
                "metric": gate.metric,
                "rater_kind": gate.rater_kind,
                "breach": gate.breach,
                "limit_value": gate.limit,
                "cap_score": gate.cap_score,
                "cap_grade": gate.cap_grade,
                "reason_en": gate.reason,
            }
            | _version(one)
            for one in standards
            for gate in one.gates
        ],
        "appraisal_rating_kind": [
            {
                "rater_kind": kind,
                "weight": weight,
                "min_raters": least,
                "is_anonymous": kind in one.anonymous,
                "anonymity_floor": one.anonymity_floor,
                "min_raters_in_all": one.min_raters,
            }
            | _version(one)
            for one in standards
            for kind, weight, least in one.rating_kinds
        ],
        "grade_band": [
            {"position": position, "grade": grade, ("share_pct" if one.is_forced else "min_score"): border}
            | _version(one)
            for one in standards
            for position, (grade, border) in enumerate(one.grades, 1)
        ],
    }


def _version(standard: Standard) -> dict[str, Any]:
    return {"standard_id": standard.id, "standard_version": standard.version}


def _weight(weight: Weight) -> dict[str, Any]:
    row = {name: value for name, value in asdict(weight).items() if name != "steps"}
    return row | {"weight_at_start": weight.weight if weight.weight_at_start is None else weight.weight_at_start}


def _standard(standard: Standard, standards: tuple[Standard, ...]) -> dict[str, Any]:
    later = [one.valid_from for one in standards if one.id == standard.id and one.valid_from > standard.valid_from]
    begins, ends, expectation = standard.ramp or (None, None, None)
    least_weight, least_components, least_days = standard.minimum
    return _version(standard) | {
        "role": standard.role,
        "period_type": standard.period_type,
        "valid_from": standard.valid_from,
        "valid_to": min(later, default=date(9999, 12, 31)),
        "tenure_from_months": standard.tenure[0],
        "tenure_below_months": standard.tenure[1],
        "tenure_on": standard.tenure_on,
        "ramp_from_months": begins,
        "ramp_to_months": ends,
        "ramp_expectation_pct": expectation,
        "minimum_weight_pct": least_weight,
        "minimum_components": least_components,
        "minimum_working_days": least_days,
        "ties": standard.ties,
    }


def _units(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for unit in company.units:
        yield {
            "source_system": "hr",
            "source_key": f"{unit.code}|{unit.valid_from}",
            "unit_code": unit.code,
            "unit_name": unit.name,
            "unit_name_en": unit.name_en,
            "unit_type": unit.unit_type,
            "parent_unit_key": unit.parent_code,
            "valid_from": unit.valid_from,
            "valid_to": unit.valid_to,
        }


def _employees(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for person in company.employees:
        known = {"employee_name": person.name, "email": person.email, "job_title": person.job_title}
        numbered = {**known, "employee_number": person.number, "hired_date": person.hired, "left_date": person.left}
        yield {"source_system": "hr", "source_key": person.number, **numbered}
        yield {"source_system": "erp", "source_key": f"u{person.number}", **known, "employee_number": person.number}
        yield {"source_system": "crm", "source_key": f"005{person.number}", **known, "email": person.email.upper()}


def _assignments(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for posting in company.assignments:
        yield {
            "source_system": "hr",
            "source_key": f"{posting.employee_number}|{posting.valid_from}",
            "employee_key": posting.employee_number,
            "unit_key": posting.unit_code,
            "role": posting.role,
            "manager_employee_key": posting.manager_number,
            "is_primary": True,
            "valid_from": posting.valid_from,
            "valid_to": posting.valid_to,
        }


def _parties(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for party in company.parties:
        if party.erp_name is not None:
            yield {
                **_known_to_both(party, "erp", "u"),
                "customer_name": party.erp_name,
                "tax_id": party.tax_id,
                "email": party.email,
                "phone": party.phone,
                "street": party.street,
                "postal_code": party.postal_code,
            }
        if party.crm_name is not None:
            yield {
                **_known_to_both(party, "crm", "005"),
                "customer_name": party.crm_name,
                "given_name": party.given_name,
                "family_name": party.family_name,
                "other_names": party.other_names,
                "birth_date": party.birth_date.isoformat() if party.birth_date else None,
                "tax_id": party.crm_tax_id,
                "email": party.crm_email,
                "phone": party.crm_phone or party.phone,
                "street": party.crm_street or party.street,
                "postal_code": party.crm_postal_code or party.postal_code,
            }


def _known_to_both(party: Party, system: str, owner_prefix: str) -> dict[str, Any]:
    return {
        "source_system": system,
        "source_key": party.key,
        "party_type": party.party_type,
        "registry_id": party.registry_id,
        "website": party.website,
        "city": party.city,
        "province": party.province,
        "country": party.country,
        "parent_record_key": party.parent_key,
        "owner_employee_key": owner_prefix + party.owner_number if party.owner_number else None,
        "created_date": party.created,
    }


def _opportunities(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for deal in company.opportunities:
        yield {
            "source_system": "crm",
            "source_key": deal.key,
            "customer_record_key": deal.party_key,
            "owner_employee_key": f"005{deal.owner_number}",
            "stage": deal.stages[-1].stage,
            "status": deal.status,
            "amount": deal.amount,
            "currency": deal.currency,
            "created_date": deal.created,
            "expected_close_date": deal.expected_close,
            "closed_date": deal.closed,
        }


def contracts(company: BenchmarkCompany, record_id: Callable[[str, str], str]) -> dict[str, tuple]:
    """What staging must show of every quote and contract, by the id the vendor gave it."""
    return {
        record_id(one.contract_type, one.key): (
            one.contract_type,
            one.number,
            record_id("account", one.party_key),
            record_id("opportunity", one.opportunity_key),
            one.status,
            one.amount,
            one.currency,
            one.created,
            one.valid_from,
            one.valid_to,
        )
        for one in company.contracts
    }


def _contracts(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for one in company.contracts:
        yield {
            "source_system": "crm",
            "source_key": one.key,
            "contract_type": one.contract_type,
            "contract_number": one.number,
            "customer_record_key": one.party_key,
            "opportunity_key": one.opportunity_key,
            "owner_employee_key": f"005{one.owner_number}",
            "status": one.status,
            "amount": one.amount,
            "currency": one.currency,
            "created_date": one.created,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
        }


def _stage_events(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for deal in company.opportunities:
        for rank, stay in enumerate(deal.stages):
            yield {
                "source_system": "crm",
                "source_key": f"{deal.key}|{rank}",
                "opportunity_key": deal.key,
                "stage": stay.stage,
                "owner_employee_key": f"005{deal.owner_number}",
                "entered_at": stay.entered_at.replace(tzinfo=None),
                "left_at": stay.left_at.replace(tzinfo=None) if stay.left_at else None,
            }


def _leads(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for lead in company.leads:
        yield {
            "source_system": "crm",
            "source_key": lead.key,
            "lead_name": lead.name,
            "owner_employee_key": f"005{lead.owner_number}",
            "status": lead.status,
            "source_channel": lead.channel,
            "created_date": lead.created,
            "converted_date": lead.converted,
            "converted_opportunity_key": lead.opportunity_key,
        }


def _cases(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for case in company.cases:
        yield {
            "source_system": "crm",
            "source_key": case.key,
            "case_number": case.number,
            "customer_record_key": case.party_key,
            "owner_employee_key": f"005{case.owner_number}",
            "status": case.status,
            "priority": case.priority,
            "opened_at": case.opened_at.replace(tzinfo=None),
            "first_response_at": case.first_response_at.replace(tzinfo=None) if case.first_response_at else None,
            "closed_at": case.closed_at.replace(tzinfo=None) if case.closed_at else None,
            "reopened_count": case.reopened_count,
        }


def _feedback(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for report in company.feedback:
        yield {
            "source_system": "hr",
            "source_key": report.key,
            "activity_type": "feedback",
            "employee_key": report.employee_number,
            "activity_date": report.feedback_date,
            "status": "done",
            "outcome": report.outcome,
        }


def _activities(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for activity in company.activities:
        yield {
            "source_system": "crm",
            "source_key": activity.key,
            "activity_type": activity.activity_type,
            "employee_key": f"005{activity.employee_number}",
            "customer_record_key": activity.party_key,
            "activity_date": activity.activity_date,
            "status": activity.status,
        }


def _answers(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    numbers = {case.key: case.number for case in company.cases}
    for answer in company.survey_answers:
        yield {
            "source_system": "hr",
            "source_key": answer.key,
            "respondent_type": "customer",
            "metric": answer.metric,
            "question": answer.question,
            "score": answer.score,
            "scale_max": answer.scale_max,
            "responded_date": answer.day,
            "case_key": numbers.get(answer.case_key or ""),
            "employee_key": answer.employee_number,
        }


def _products(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for product in company.products:
        known = {"product_code": product.code, "product_name": product.name}
        yield {"source_system": "erp", "source_key": product.code, "category": product.category, **known}
    for cost in company.product_costs:
        yield {
            "source_system": "hr",
            "source_key": f"cost {cost.product_code}",
            "product_code": cost.product_code,
            "product_name": cost.product_code,
            "standard_cost": cost.cost,
            "cost_currency": cost.currency,
        }


def _order(order: Order) -> dict[str, Any]:
    return {
        "source_system": "erp",
        "source_key": order.key,
        "order_number": order.number,
        "customer_record_key": order.party_key,
        "owner_employee_key": f"u{order.owner_number}" if order.owner_number else None,
        "status": order.status,
        "order_date": order.order_date,
        "currency": order.currency,
        "net_amount": sum(line.net_amount for line in order.lines),
    }


def _order_lines(order: Order) -> Iterator[dict[str, Any]]:
    for position, line in enumerate(order.lines, 1):
        yield {
            "source_system": "erp",
            "source_key": line.key,
            "order_key": order.key,
            "line_number": position,
            "product_key": line.product_code,
            "quantity": line.quantity,
            "net_amount": line.net_amount,
            "discount_pct": line.discount_pct,
            "returned_line_key": line.returned_line_key,
        }


def _splits(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for order in company.orders:
        for employee, share in order.splits:
            yield {
                "source_system": "hr",
                "source_key": f"{order.number}|{employee}",
                "order_key": order.number,
                "employee_key": employee,
                "credit_share": share,
            }


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "source_system": "erp",
        "source_key": invoice.key,
        "invoice_number": invoice.number,
        "invoice_type": invoice.invoice_type,
        "customer_record_key": invoice.party_key,
        "owner_employee_key": f"u{invoice.owner_number}" if invoice.owner_number else None,
        "order_key": invoice.order_key,
        "reversed_invoice_key": invoice.reversed_key,
        "status": invoice.status,
        "invoice_date": invoice.invoice_date,
        "due_date": invoice.due_date,
        "currency": invoice.currency,
    }


def _invoice_lines(invoice: Invoice) -> Iterator[dict[str, Any]]:
    for line in invoice.lines:
        yield {
            "source_system": "erp",
            "source_key": line.key,
            "invoice_key": invoice.key,
            "order_line_key": line.order_line_key,
            "quantity": line.quantity,
            "net_amount": line.net_amount,
        }


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "source_system": "erp",
        "source_key": payment.key,
        "customer_record_key": payment.party_key,
        "invoice_key": payment.invoice_key,
        "status": payment.status,
        "payment_date": payment.payment_date,
        "currency": payment.currency,
        "amount": payment.amount,
    }


def _targets(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for rank, target in enumerate(company.targets):
        yield {
            "source_system": "hr",
            "source_key": str(rank),
            "subject_type": target.subject_type,
            "subject_ref": target.subject_ref,
            "metric": target.metric,
            "period_type": target.period_type,
            "period_start": target.period_start,
            "target_value": target.value,
            "version": target.version,
            "reason": target.reason,
            "approved_by": target.approved_by,
            "effective_date": target.effective,
            "owner_employee_key": target.owner,
        }


def _rates(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for rate in company.rates:
        yield {
            "source_system": "hr",
            "source_key": f"{rate.currency}|{rate.rate_date}",
            "currency": rate.currency,
            "quote_currency": company.reporting_currency,
            "rate_date": rate.rate_date,
            "rate": rate.rate,
        }


def _employment_events(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for event in company.staff.events:
        yield {
            "source_system": "hr",
            "source_key": event.key,
            "employee_key": event.employee_number,
            "event_type": event.event_type,
            "event_date": event.day,
            "is_voluntary": event.is_voluntary,
        }


def _plans(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for plan in company.staff.plans:
        yield {
            "source_system": "hr",
            "source_key": plan.key,
            "unit_key": plan.unit_code,
            "planned_headcount": plan.posts,
            "valid_from": plan.valid_from,
            "valid_to": plan.valid_to,
        }


def _trainings(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for training in company.staff.trainings:
        yield {
            "source_system": "hr",
            "source_key": training.key,
            "employee_key": training.employee_number,
            "course": training.course,
            "is_required": training.is_required,
            "due_date": training.due,
            "completed_date": training.completed,
        }


def _reviews(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for review in company.staff.reviews:
        yield {
            "source_system": "hr",
            "source_key": review.key,
            "review_key": review.review_key,
            "employee_key": review.employee_number,
            "rater_key": review.rater_number,
            "rater_kind": review.rater_kind,
            "period_type": "quarter",
            "period_start": review.period_start,
            "due_date": review.due,
            "submitted_date": review.submitted,
            "score": review.score,
            "scale_max": review.scale_max,
            "is_complete": review.is_complete,
        }


def _coaching_talks(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for talk in company.staff.talks:
        yield {
            "source_system": "hr",
            "source_key": talk.key,
            "activity_type": "coaching",
            "employee_key": talk.manager_number,
            "activity_date": talk.day,
            "status": talk.status,
        }


def _staff_answers(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for answer in company.staff.answers:
        yield {
            "source_system": "hr",
            "source_key": answer.key,
            "respondent_type": "employee",
            "metric": "appraisal",
            "score": answer.score,
            "scale_max": 5,
            "responded_date": answer.day,
            "employee_key": answer.employee_number,
        }


def _market_sizes(company: BenchmarkCompany) -> Iterator[dict[str, Any]]:
    for size in company.market_sizes:
        yield {
            "source_system": "hr",
            "source_key": size.key,
            "market_key": size.market,
            "unit_key": size.unit_code,
            "industry": size.industry,
            "period_type": size.period_type,
            "period_start": size.period_start,
            "amount": size.amount,
            "currency": size.currency,
        }
