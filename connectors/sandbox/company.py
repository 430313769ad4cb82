"""The benchmark company as plain records: the truth that sandboxes show in vendor form and the reference computes from.

Only the shape is here; `generate` fills it, `reference` says what every published number must be. Keys are ours and
stable; each sandbox derives its vendor ids from them. Money is Decimal in the document currency.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from connectors.sandbox.people import MarketSize, Staff

OPEN_END = date(9999, 12, 31)


@dataclass(frozen=True)
class UnitVersion:
    """One org unit for one half-open period."""

    code: str
    name: str
    name_en: str
    unit_type: str
    parent_code: str | None
    valid_from: date
    valid_to: date = OPEN_END


@dataclass(frozen=True)
class Employee:
    """A person employed; `number` and `email` are unique and known to every system that knows the person."""

    number: str
    name: str
    email: str
    job_title: str
    hired: date
    left: date | None = None


@dataclass(frozen=True)
class Assignment:
    """A posting of an employee to a unit, half-open; never overlapping for one employee."""

    employee_number: str
    unit_code: str
    role: str
    manager_number: str | None
    valid_from: date
    valid_to: date = OPEN_END


@dataclass(frozen=True)
class Party:
    """One real customer. `erp_name`/`crm_name` are how ERP and CRM write it (None: that system does not know it).

    `owner_number` is None for an account nobody owns; only customers the CRM does not know are without owner. `phone`,
    `street` and `postal_code` are the ERP's; the CRM holds the same unless it has its own under `crm_*`. A branch or
    group company is a customer of its own and names head office or parent company in `parent_key`. Given and family
    name, birth date and `other_names` (parted by semicolons) are fields of the CRM alone.
    """

    key: str
    erp_name: str | None
    crm_name: str | None
    tax_id: str | None
    crm_tax_id: str | None
    email: str | None
    crm_email: str | None
    phone: str | None
    country: str
    province: str | None
    city: str | None
    street: str | None
    industry: str | None
    owner_number: str | None
    created: date
    party_type: str = "organisation"  # or person
    parent_key: str | None = None
    registry_id: str | None = None
    website: str | None = None
    postal_code: str | None = None
    crm_phone: str | None = None
    crm_street: str | None = None
    crm_postal_code: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    birth_date: date | None = None
    other_names: str | None = None


@dataclass(frozen=True)
class Product:
    """A product of the ERP."""

    code: str
    name: str
    category: str
    list_price: Decimal


@dataclass(frozen=True)
class OrderLine:
    """A line of an order; quantity and net amount are negative on returns, which name the line they return."""

    key: str
    product_code: str
    quantity: Decimal
    unit_price: Decimal
    discount_pct: Decimal
    net_amount: Decimal
    returned_line_key: str | None = None


@dataclass(frozen=True)
class Order:
    """An ERP order. `splits` (employee number -> share, summing to 1) overrides the owner when not empty."""

    key: str
    number: str
    party_key: str
    owner_number: str | None
    status: str  # draft, confirmed, cancelled
    order_date: date
    currency: str
    lines: tuple[OrderLine, ...]
    splits: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class InvoiceLine:
    """A line of an invoice; negative on credit notes."""

    key: str
    order_line_key: str | None
    product_code: str
    quantity: Decimal
    net_amount: Decimal


@dataclass(frozen=True)
class Invoice:
    """An ERP invoice or credit note (`reversed_key` names the invoice it reverses)."""

    key: str
    number: str
    invoice_type: str  # invoice, credit_note
    party_key: str
    owner_number: str | None
    order_key: str | None
    reversed_key: str | None
    status: str  # draft, posted, cancelled
    invoice_date: date
    due_date: date
    currency: str
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True)
class Payment:
    """Money received for one invoice (negative: paid back)."""

    key: str
    party_key: str
    invoice_key: str | None
    status: str  # draft, posted, cancelled
    payment_date: date
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class StageStay:
    """An opportunity's stay in a stage."""

    stage: str
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Opportunity:
    """A CRM opportunity with its stage history, oldest first."""

    key: str
    name: str
    party_key: str | None
    owner_number: str
    status: str  # open, won, lost
    amount: Decimal | None
    currency: str
    created: date
    expected_close: date
    closed: date | None
    stages: tuple[StageStay, ...]


@dataclass(frozen=True)
class Contract:
    """A quote or contract of the CRM, amounts without tax.

    `created` is the day it was drawn up; it holds from `valid_from` up to and without `valid_to` (None: no end).
    """

    key: str
    number: str
    contract_type: str  # quote, contract
    party_key: str
    opportunity_key: str
    owner_number: str
    status: str  # open, agreed, rejected
    amount: Decimal
    currency: str
    created: date
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Lead:
    """A CRM lead."""

    key: str
    name: str
    company_name: str
    owner_number: str
    status: str  # open, converted, lost
    channel: str
    created: date
    converted: date | None
    opportunity_key: str | None


@dataclass(frozen=True)
class Activity:
    """A CRM activity."""

    key: str
    activity_type: str  # call, visit, meeting, mail, task
    subject: str
    employee_number: str
    party_key: str | None
    opportunity_key: str | None
    activity_date: date
    status: str  # done, planned, cancelled


@dataclass(frozen=True)
class Case:
    """A CRM service case."""

    key: str
    number: str
    party_key: str
    owner_number: str
    status: str  # open, closed
    priority: str
    opened_at: datetime
    closed_at: datetime | None
    first_response_at: datetime | None = None
    reopened_count: int = 0


@dataclass(frozen=True)
class Feedback:
    """What a salesperson heard in the market and passed on; `outcome` is None while nobody has judged it."""

    key: str
    employee_number: str
    subject: str
    feedback_date: date
    outcome: str | None  # accepted, rejected


@dataclass(frozen=True)
class ProductCost:
    """What one unit of a product costs; products without one are not in the list."""

    product_code: str
    cost: Decimal
    currency: str


@dataclass(frozen=True)
class SurveyAnswer:
    """One answer of a customer; about the employee named, else about the service case, else about nobody."""

    key: str
    metric: str  # csat, nps
    question: str
    score: Decimal
    scale_max: Decimal
    day: date
    party_key: str | None
    case_key: str | None
    employee_number: str | None


@dataclass(frozen=True)
class Target:
    """A target version; `subject_ref` is an employee number, a unit code or 'company'.

    effective: first day it holds; None: from the first day of the period. owner: employee number of who answers for it.
    """

    subject_type: str
    subject_ref: str
    metric: str
    period_type: str
    period_start: date
    value: Decimal
    version: int = 1
    reason: str | None = None
    approved_by: str | None = None
    effective: date | None = None
    owner: str | None = None


@dataclass(frozen=True)
class LateOrder:
    """An order typed in only on the day `entered`, after the quarter of its date was over."""

    order_key: str
    entered: date


@dataclass(frozen=True)
class Correction:
    """An order line that first stood there with another net amount."""

    order_key: str
    line_key: str
    first_amount: Decimal


@dataclass(frozen=True)
class Rate:
    """Units of the reporting currency for one unit of `currency`, holding from `rate_date` until the next rate."""

    currency: str
    rate_date: date
    rate: Decimal


@dataclass(frozen=True)
class BenchmarkCompany:
    """Everything true about the firm, in a fixed order."""

    name: str
    name_en: str
    reporting_currency: str
    time_zone: str
    as_of: date
    units: tuple[UnitVersion, ...]
    employees: tuple[Employee, ...]
    assignments: tuple[Assignment, ...]
    parties: tuple[Party, ...]
    products: tuple[Product, ...]
    orders: tuple[Order, ...]
    invoices: tuple[Invoice, ...]
    payments: tuple[Payment, ...]
    opportunities: tuple[Opportunity, ...]
    leads: tuple[Lead, ...]
    activities: tuple[Activity, ...]
    cases: tuple[Case, ...]
    targets: tuple[Target, ...]
    rates: tuple[Rate, ...]
    feedback: tuple[Feedback, ...] = ()
    deleted_orders: tuple[str, ...] = field(default=())
    """Order keys that existed at the first sync and are hard-deleted in the ERP before the second."""
    staff: Staff = field(default_factory=Staff)
    market_sizes: tuple[MarketSize, ...] = ()
    # what no ERP or CRM of the demo holds, but files do; each such part has a digest of its own in the tests
    product_costs: tuple[ProductCost, ...] = field(default=(), repr=False)
    survey_answers: tuple[SurveyAnswer, ...] = field(default=(), repr=False)
    # how the ERP came to know what it knows; see `truth_late`
    late_orders: tuple[LateOrder, ...] = field(default=(), repr=False)
    corrections: tuple[Correction, ...] = field(default=(), repr=False)
    contracts: tuple[Contract, ...] = field(default=(), repr=False)
