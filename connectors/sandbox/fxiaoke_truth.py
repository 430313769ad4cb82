"""The benchmark company as records of one Fxiaoke tenant: which truth shows in which object and field.

Not modelled by the truth and made up here, one per account with an e-mail: contacts. Visits are CheckinsObj; calls and
mails that took place are ActiveRecordObj; what is planned or cancelled, meetings and tasks are ScheduleObj. Departments
are the units of the company's as-of date; an employee's department and leader are those of that date too.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sandbox.chinese import stage_name
from connectors.sandbox.company import (
    Activity,
    Assignment,
    BenchmarkCompany,
    Case,
    Contract,
    Employee,
    Lead,
    Opportunity,
    Party,
)
from connectors.sandbox.fxiaoke_db import FxiaokeDb, Person, fxiaoke_id, milliseconds, user_id

ADMIN, ADMIN_ID = "FSUID_0000000000000000000000000000AD01", "1000"
"""The CRM administrator whose view is read; nobody's colleague."""
ROOT = 999999
_KINDS = {"call": "1", "visit": "2", "mail": "3", "meeting": "4", "task": "5"}
_DOING = {"planned": "1", "done": "2", "cancelled": "3"}
_DEAL_STATUS = {"open": "1", "won": "2", "lost": "3"}
_LEAD_STATUS = {"open": "un_processed", "converted": "transformed", "lost": "closed"}
_CONTRACT_STATUS = {"open": "1", "agreed": "2", "rejected": "3"}
_PRIORITY = {"High": "1", "Medium": "2", "Low": "3"}
_RECORDED = ("call", "mail")
"""Activities that are sales records once they took place."""


def fill(db: FxiaokeDb, company: BenchmarkCompany) -> None:
    """Put the company's records into the store."""
    _Filler(db, company).fill()


class _Filler:
    def __init__(self, db: FxiaokeDb, company: BenchmarkCompany) -> None:
        self.db, self.company = db, company
        self.zone = ZoneInfo(company.time_zone)
        units = [unit for unit in company.units if unit.valid_from <= company.as_of < unit.valid_to]
        self.units = {unit.code: (1001 + rank, unit) for rank, unit in enumerate(units)}
        self._moments: dict[tuple[date, int], datetime] = {}

    def fill(self) -> None:
        self._departments()
        self._people()
        for party in self.company.parties:
            if party.crm_name is not None:
                self._account(party, party.crm_name)
        self._products()
        for deal in self.company.opportunities:
            self._deal(deal)
        for contract in self.company.contracts:
            self._contract(contract)
        for lead in self.company.leads:
            self._lead(lead)
        for activity in self.company.activities:
            self._activity(activity)
        for case in self.company.cases:
            self._case(case)

    def _departments(self) -> None:
        for number, unit in self.units.values():
            parent = self.units[unit.parent_code][0] if unit.parent_code in self.units else ROOT
            self.db.departments.append(
                {"id": number, "name": unit.name, "parentId": parent, "isStop": False, "order": number - 1000}
            )

    def _people(self) -> None:
        self.db.people[ADMIN] = Person(ADMIN, ADMIN_ID, {"openUserId": ADMIN, "name": "管理员"})
        postings = {
            posting.employee_number: posting
            for posting in self.company.assignments
            if posting.valid_from <= self.company.as_of < posting.valid_to
        }
        for rank, person in enumerate(self.company.employees):
            open_id = user_id(person.number)
            values = self._person(person, postings.get(person.number))
            self.db.people[open_id] = Person(open_id, str(1001 + rank), values)

    def _person(self, person: Employee, posting: Assignment | None) -> dict[str, Any]:
        department = self.units[posting.unit_code][0] if posting and posting.unit_code in self.units else None
        return {
            "openUserId": user_id(person.number),
            "account": person.email.split("@")[0],
            "name": person.name,
            "nickName": person.name,
            "isStop": person.left is not None and person.left <= self.company.as_of,
            "email": person.email,
            "mobile": "",
            "gender": "M",
            "position": person.job_title,
            "employeeNumber": person.number,
            "mainDepartmentId": department,
            "departmentIds": [department] if department else [],
            "attachingDepartmentIds": [],
            "leaderId": user_id(posting.manager_number) if posting and posting.manager_number else "",
            "hireDate": person.hired.isoformat(),
            "createTime": self._noon(person.hired),
        }

    def _account(self, party: Party, name: str) -> None:
        person = party.party_type == "person"
        account = self.db.create(
            "AccountObj",
            party.key,
            at=self._moment(party.created, 12),
            **_given(
                name=name,
                record_type="person__c" if person else "default__c",
                parent_account_id=fxiaoke_id("AccountObj", party.parent_key) if party.parent_key else None,
                address=party.crm_street or party.street,
                city=self._place("city", party.city),
                province=self._place("province", party.province),
                country=self._place("country", party.country),
                field_postcode__c=party.crm_postal_code or party.postal_code,
                tel=party.crm_phone or party.phone,
                url=party.website,
                industry_level1=self._place("industry_level1", party.industry),
                field_othername__c=party.other_names,
                owner=_people(party.owner_number),
                uniform_social_credit_code=party.crm_tax_id,
                field_registry__c=party.registry_id,
                email=party.crm_email,
                field_given__c=party.given_name,
                field_family__c=party.family_name,
                field_birth__c=self._midnight(party.birth_date),
            ),
        )
        if party.crm_email and not person:
            self.db.create(
                "ContactObj",
                party.key,
                at=self._moment(party.created, 12),
                **_given(
                    name="采购部",
                    account_id=account,
                    email=party.crm_email,
                    tel1=party.phone,
                    job_title="Purchasing",
                    owner=_people(party.owner_number),
                ),
            )

    def _place(self, field: str, label: str | None) -> str | None:
        return self.db.option("AccountObj", field, label) if label else None

    def _products(self) -> None:
        known = self._moment(self.company.as_of - timedelta(days=700), 12)
        for product in self.company.products:
            category = self.db.option("ProductObj", "category", product.category)
            values = {"name": product.name, "product_code": product.code, "category": category}
            self.db.create("ProductObj", product.code, at=known, **values, price=str(product.list_price))

    def _deal(self, deal: Opportunity) -> None:
        stages = [self.db.option("NewOpportunityObj", "sales_stage", stage_name(stay.stage)) for stay in deal.stages]
        opened = deal.stages[0].entered_at if deal.stages else self._moment(deal.created, 12)
        entered = deal.stages[-1].entered_at if deal.stages else opened
        record = self.db.create(
            "NewOpportunityObj",
            deal.key,
            at=opened,
            **_given(
                name=deal.name,
                account_id=fxiaoke_id("AccountObj", deal.party_key) if deal.party_key else None,
                sales_stage=stages[-1] if stages else None,
                sales_status=_DEAL_STATUS[deal.status],
                amount=_amount(deal.amount),
                mc_currency=deal.currency,
                probability={"won": "100", "lost": "0"}.get(deal.status, "50"),
                close_date=self._midnight(deal.closed or deal.expected_close),
                stg_changed_time=milliseconds(entered),
                owner=_people(deal.owner_number),
            ),
        )
        owner = user_id(deal.owner_number)
        for rank in range(1, len(stages)):
            self.db.log_stage(record, stages[rank - 1], stages[rank], deal.stages[rank].entered_at, owner)
        self.db.get(record)["last_modified_time"] = milliseconds(entered)

    def _contract(self, contract: Contract) -> None:
        state, last = _CONTRACT_STATUS[contract.status], contract.valid_to and contract.valid_to - timedelta(days=1)
        amount, until = _amount(contract.amount), self._midnight(last)
        if contract.contract_type == "quote":
            name = "QuoteObj"
            own = {"quote_amount": amount, "quote_time": self._midnight(contract.created)}
            own |= {"field_quotestate__c": state, "field_validuntil__c": until}
        else:
            name = "ContractObj"
            own = {"contract_amount": amount, "confirm_time": self._noon(contract.created)}
            own |= {"field_contractstate__c": state, "field_startson__c": self._midnight(contract.valid_from)}
            own |= {"field_endson__c": until}
        self.db.create(
            name,
            contract.key,
            at=self._moment(contract.created, 12),
            **_given(
                name=contract.number,
                account_id=fxiaoke_id("AccountObj", contract.party_key),
                new_opportunity_id=fxiaoke_id("NewOpportunityObj", contract.opportunity_key),
                mc_currency=contract.currency,
                owner=_people(contract.owner_number),
                **own,
            ),
        )

    def _lead(self, lead: Lead) -> None:
        self.db.create(
            "LeadsObj",
            lead.key,
            at=self._moment(lead.created, 12),
            **_given(
                name=lead.name,
                company=lead.company_name,
                source=self.db.option("LeadsObj", "source", lead.channel),
                biz_status=_LEAD_STATUS[lead.status],
                owner=_people(lead.owner_number),
                transform_time=self._noon(lead.converted) if lead.converted else None,
                new_opportunity_id=fxiaoke_id("NewOpportunityObj", lead.opportunity_key)
                if lead.opportunity_key
                else None,
            ),
        )

    def _activity(self, activity: Activity) -> None:
        at = self._moment(activity.activity_date, 12)
        values = _given(
            owner=_people(activity.employee_number),
            account_id=fxiaoke_id("AccountObj", activity.party_key) if activity.party_key else None,
            new_opportunity_id=fxiaoke_id("NewOpportunityObj", activity.opportunity_key)
            if activity.opportunity_key
            else None,
        )
        kind, doing = _KINDS[activity.activity_type], _DOING[activity.status]
        if activity.activity_type == "visit":
            about = {"name": activity.subject, "checkins_status": doing, "checkins_time": milliseconds(at)}
            self.db.create("CheckinsObj", activity.key, at=at, **values, **about)
        elif activity.activity_type in _RECORDED and activity.status == "done":
            about = {"active_record_content": activity.subject, "active_record_type": kind}
            self.db.create("ActiveRecordObj", activity.key, at=at, **values, **about)
        else:
            about = {"name": activity.subject, "schedule_type": kind, "schedule_status": doing}
            self.db.create("ScheduleObj", activity.key, at=at, **values, **about, begin_time=milliseconds(at))

    def _case(self, case: Case) -> None:
        record = self.db.create(
            "CasesObj",
            case.key,
            at=case.opened_at,
            **_given(
                name=case.number,
                account_id=fxiaoke_id("AccountObj", case.party_key),
                case_status="3" if case.status == "closed" else "1",
                priority=_PRIORITY[case.priority],
                owner=_people(case.owner_number),
                finish_time=milliseconds(case.closed_at) if case.closed_at else None,
                field_first__c=milliseconds(case.first_response_at) if case.first_response_at else None,
                field_reopened__c=str(case.reopened_count),
            ),
        )
        if case.closed_at:
            self.db.get(record)["last_modified_time"] = milliseconds(case.closed_at)

    def _noon(self, day: date) -> int:
        return milliseconds(self._moment(day, 12))

    def _midnight(self, day: date | None) -> int | None:
        return None if day is None else milliseconds(self._moment(day, 0))

    def _moment(self, day: date, hour: int) -> datetime:
        found = self._moments.get((day, hour))
        if found is None:
            found = self._moments[(day, hour)] = datetime.combine(day, time(hour), self.zone).astimezone(UTC)
        return found


def _given(**values: Any) -> dict[str, Any]:
    """Only what has a value: the vendor leaves the other keys out."""
    return {name: value for name, value in values.items() if value is not None}


def _people(number: str | None) -> list[str] | None:
    return [user_id(number)] if number else None


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
