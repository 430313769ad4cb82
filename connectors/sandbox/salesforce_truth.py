"""The benchmark company as records of one Salesforce org: which truth shows in which object and field.

Not modelled by the truth and made up here, one per account with an e-mail: contacts. Kinds of activity: a visit is an
Event of Type 'Visit', a meeting an Event of Type 'Meeting', the rest Tasks told apart by TaskSubtype. Roles are the
units of the company's as-of date; a user's role and manager are those of that date too.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

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
from connectors.sandbox.salesforce_db import SalesforceDb, salesforce_id, stamp

_TASK_KINDS = {"call": "Call", "mail": "Email", "task": "Task"}
_TASK_STATUS = {"done": "Completed", "planned": "Not Started", "cancelled": "Deferred"}
_EVENT_STATUS = {"done": "Held", "planned": "Planned", "cancelled": "Cancelled"}
_LEAD_STATUS = {"open": "Open - Not Contacted", "converted": "Closed - Converted", "lost": "Closed - Not Converted"}
_QUOTE_STATUS = {"open": "Presented", "agreed": "Accepted", "rejected": "Denied"}
_CONTRACT_STATUS = {"open": "In Approval Process", "agreed": "Activated", "rejected": "Cancelled"}
_TAX = 0.13
_PROBABILITY = {"won": 100.0, "lost": 0.0}


def fill(db: SalesforceDb, company: BenchmarkCompany) -> None:
    """Put the company's records into the store."""
    _Filler(db, company).fill()


def opportunity_stages(company: BenchmarkCompany) -> list[tuple[str, bool, bool]]:
    """Stage names in order of first use, with closed and won as the deals that end there say."""
    found: dict[str, tuple[bool, bool]] = {}
    for deal in company.opportunities:
        for stay in deal.stages:
            found.setdefault(stay.stage, (False, False))
        if deal.stages and deal.status != "open":
            found[deal.stages[-1].stage] = (True, deal.status == "won")
    return [(stage, closed, won) for stage, (closed, won) in found.items()]


class _Filler:
    def __init__(self, db: SalesforceDb, company: BenchmarkCompany) -> None:
        self.db, self.company = db, company
        self.zone = ZoneInfo(company.time_zone)
        self._moments: dict[tuple[date, int], datetime] = {}

    def fill(self) -> None:
        self._roles()
        self._users()
        self._territories()
        self._quotas()
        self._accounts()
        self._products()
        self._stages()
        for deal in self.company.opportunities:
            self._deal(deal)
        for contract in self.company.contracts:
            if contract.contract_type == "quote":
                self._quote(contract)
            else:
                self._contract(contract)
        for lead in self.company.leads:
            self._lead(lead)
        for activity in self.company.activities:
            self._activity(activity)
        for case in self.company.cases:
            self._case(case)

    def _roles(self) -> None:
        for unit in self.company.units:
            if unit.valid_from <= self.company.as_of < unit.valid_to:
                self.db.create(
                    "UserRole",
                    unit.code,
                    at=self._noon(unit.valid_from),
                    Name=unit.name,
                    DeveloperName=unit.code,
                    ParentRoleId=_reference("UserRole", unit.parent_code),
                    RollupDescription=unit.name_en,
                )

    def _users(self) -> None:
        postings = {
            posting.employee_number: posting
            for posting in self.company.assignments
            if posting.valid_from <= self.company.as_of < posting.valid_to
        }
        for person in self.company.employees:
            self._user(person, postings.get(person.number))

    def _user(self, person: Employee, posting: Assignment | None) -> None:
        user = self.db.create(
            "User",
            person.number,
            at=self._noon(person.hired),
            Username=person.email,
            Name=person.name,
            LastName=person.name,
            Email=person.email,
            EmployeeNumber=person.number,
            Title=person.job_title,
            IsActive=person.left is None or person.left > self.company.as_of,
            UserRoleId=_reference("UserRole", posting.unit_code if posting else None),
            ManagerId=_reference("User", posting.manager_number if posting else None),
            Department=self._unit_name(posting.unit_code) if posting else None,
            CompanyName=self.company.name,
            UserType="Standard",
            TimeZoneSidKey=self.company.time_zone,
            DefaultCurrencyIsoCode=self.company.reporting_currency,
        )
        changed = person.left if person.left and person.left <= self.company.as_of else None
        if changed or (posting and posting.valid_from > person.hired):
            self.db.update(user, at=self._noon(changed or posting.valid_from))  # type: ignore[union-attr]

    def _territories(self) -> None:
        """A territory per region, with those who are posted to it."""
        for unit in self.company.units:
            if unit.unit_type == "region" and unit.valid_from <= self.company.as_of < unit.valid_to:
                values = {"Name": unit.name, "DeveloperName": unit.code}
                self.db.create("Territory2", unit.code, at=self._noon(unit.valid_from), **values)
        for posting in self.company.assignments:
            territory = _reference("Territory2", posting.unit_code)
            if (
                posting.valid_from <= self.company.as_of < posting.valid_to
                and territory in self.db.tables["Territory2"]
            ):
                self.db.create(
                    "UserTerritory2Association",
                    posting.employee_number,
                    at=self._noon(posting.valid_from),
                    UserId=_reference("User", posting.employee_number),
                    Territory2Id=territory,
                    IsActive=True,
                )

    def _quotas(self) -> None:
        """What people are to book by month, as it was first set."""
        for target in self.company.targets:
            if (target.subject_type, target.metric, target.period_type, target.version) == (
                "employee", "bookings", "month", 1,
            ):  # fmt: skip
                self.db.create(
                    "ForecastingQuota",
                    f"{target.subject_ref} {target.period_start}",
                    at=self._noon(target.period_start),
                    QuotaOwnerId=_reference("User", target.subject_ref),
                    StartDate=target.period_start.isoformat(),
                    QuotaAmount=_number(target.value),
                    IsAmount=True,
                    CurrencyIsoCode=self.company.reporting_currency,
                )

    def _unit_name(self, code: str) -> str | None:
        names = [
            unit.name for unit in self.company.units if unit.code == code and unit.valid_from <= self.company.as_of
        ]
        return names[-1] if names else None

    def _accounts(self) -> None:
        for party in self.company.parties:
            if party.crm_name is not None:
                self._account(party, party.crm_name)

    def _account(self, party: Party, name: str) -> None:
        person = party.party_type == "person"
        account = self.db.create(
            "Account",
            party.key,
            at=self._noon(party.created),
            Name=name,
            Type="Customer",
            ParentId=_reference("Account", party.parent_key),
            BillingStreet=party.crm_street or party.street,
            BillingCity=party.city,
            BillingState=party.province,
            BillingPostalCode=party.crm_postal_code or party.postal_code,
            BillingCountry=party.country,
            Phone=party.crm_phone or party.phone,
            Website=party.website,
            Industry=party.industry,
            Tradestyle=party.other_names,
            OwnerId=_reference("User", party.owner_number),
            Tax_Id__c=party.crm_tax_id,
            Registry_Id__c=party.registry_id,
            Email__c=None if person else party.crm_email,
            IsPersonAccount=person,
            FirstName=party.given_name,
            LastName=party.family_name,
            PersonEmail=party.crm_email if person else None,
            PersonBirthdate=party.birth_date.isoformat() if party.birth_date else None,
            CurrencyIsoCode=self.company.reporting_currency,
        )
        if party.crm_email and not person:
            self._contact(party, account)

    def _contact(self, party: Party, account: str) -> None:
        self.db.create(
            "Contact",
            party.key,
            at=self._noon(party.created),
            AccountId=account,
            LastName="采购部",
            Name="采购部",
            Email=party.crm_email,
            Phone=party.phone,
            Title="Purchasing",
            OwnerId=_reference("User", party.owner_number),
            CurrencyIsoCode=self.company.reporting_currency,
        )

    def _products(self) -> None:
        for product in self.company.products:
            self.db.create(
                "Product2",
                product.code,
                at=self._noon(self.company.as_of - timedelta(days=700)),
                Name=product.name,
                ProductCode=product.code,
                Family=product.category,
                IsActive=True,
                CurrencyIsoCode=self.company.reporting_currency,
            )

    def _stages(self) -> None:
        for order, (stage, closed, won) in enumerate(opportunity_stages(self.company), start=1):
            self.db.create(
                "OpportunityStage",
                stage,
                at=self._noon(self.company.as_of - timedelta(days=700)),
                MasterLabel=stage,
                ApiName=stage,
                IsActive=True,
                SortOrder=order,
                IsClosed=closed,
                IsWon=won,
                DefaultProbability=100.0 if won else 0.0 if closed else 50.0,
                ForecastCategoryName="Closed" if won else "Omitted" if closed else "Pipeline",
            )

    def _deal(self, deal: Opportunity) -> None:
        amount = None if deal.amount is None else _number(deal.amount)
        record = self.db.create(
            "Opportunity",
            deal.key,
            at=self._opened(deal),
            Name=deal.name,
            AccountId=_reference("Account", deal.party_key),
            StageName=deal.stages[-1].stage if deal.stages else "Prospecting",
            Amount=amount,
            Probability=_PROBABILITY.get(deal.status, 50.0),
            CloseDate=(deal.closed or deal.expected_close).isoformat(),
            IsClosed=deal.status != "open",
            IsWon=deal.status == "won",
            ForecastCategoryName={"won": "Closed", "lost": "Omitted"}.get(deal.status, "Pipeline"),
            OwnerId=_reference("User", deal.owner_number),
            CurrencyIsoCode=deal.currency,
        )
        if len(deal.stages) > 1:
            self.db.update(record, at=deal.stages[-1].entered_at)
        for before, after in zip(deal.stages, deal.stages[1:], strict=False):
            self.db.create(
                "OpportunityFieldHistory",
                f"{deal.key} {after.entered_at.isoformat()}",
                at=after.entered_at,
                OpportunityId=record,
                Field="StageName",
                DataType="DynamicEnum",
                OldValue=before.stage,
                NewValue=after.stage,
                CreatedById=_reference("User", deal.owner_number),
            )

    def _quote(self, quote: Contract) -> None:
        amount = _number(quote.amount)
        self.db.create(
            "Quote",
            quote.key,
            at=self._noon(quote.created),
            QuoteNumber=quote.number,
            Name=quote.number,
            OpportunityId=_reference("Opportunity", quote.opportunity_key),
            AccountId=_reference("Account", quote.party_key),
            Status=_QUOTE_STATUS[quote.status],
            ExpirationDate=_last_day(quote.valid_to),
            Subtotal=amount,
            TotalPrice=amount,
            Tax=round(amount * _TAX, 2),
            GrandTotal=round(amount * (1 + _TAX), 2),
            OwnerId=_reference("User", quote.owner_number),
            CurrencyIsoCode=quote.currency,
        )

    def _contract(self, contract: Contract) -> None:
        self.db.create(
            "Contract",
            contract.key,
            at=self._noon(contract.created),
            ContractNumber=contract.number,
            AccountId=_reference("Account", contract.party_key),
            Status=_CONTRACT_STATUS[contract.status],
            StatusCode="Activated" if contract.status == "agreed" else "Draft",
            StartDate=contract.valid_from.isoformat(),
            EndDate=_last_day(contract.valid_to),
            OwnerId=_reference("User", contract.owner_number),
            Amount__c=_number(contract.amount),
            Opportunity__c=_reference("Opportunity", contract.opportunity_key),
            CurrencyIsoCode=contract.currency,
        )

    def _opened(self, deal: Opportunity) -> datetime:
        return deal.stages[0].entered_at if deal.stages else self._noon(deal.created)

    def _lead(self, lead: Lead) -> None:
        self.db.create(
            "Lead",
            lead.key,
            at=self._noon(lead.created),
            Name=lead.name,
            LastName=lead.name,
            Company=lead.company_name,
            LeadSource=lead.channel,
            Status=_LEAD_STATUS[lead.status],
            OwnerId=_reference("User", lead.owner_number),
            IsConverted=lead.status == "converted",
            ConvertedDate=lead.converted.isoformat() if lead.converted else None,
            ConvertedOpportunityId=_reference("Opportunity", lead.opportunity_key),
            CurrencyIsoCode=self.company.reporting_currency,
        )

    def _activity(self, activity: Activity) -> None:
        values = {
            "Subject": activity.subject,
            "ActivityDate": activity.activity_date.isoformat(),
            "OwnerId": _reference("User", activity.employee_number),
            "AccountId": _reference("Account", activity.party_key),
            "WhatId": _reference("Opportunity", activity.opportunity_key) or _reference("Account", activity.party_key),
            "CurrencyIsoCode": self.company.reporting_currency,
        }
        if activity.activity_type in _TASK_KINDS:
            self._task(activity, values)
        else:
            self._event(activity, values)

    def _task(self, activity: Activity, values: dict) -> None:
        self.db.create(
            "Task",
            activity.key,
            at=self._noon(activity.activity_date),
            **values,
            Status=_TASK_STATUS[activity.status],
            IsClosed=activity.status == "done",
            Priority="Normal",
            TaskSubtype=_TASK_KINDS[activity.activity_type],
        )

    def _event(self, activity: Activity, values: dict) -> None:
        start = self._moment(activity.activity_date, 9)
        self.db.create(
            "Event",
            activity.key,
            at=self._noon(activity.activity_date),
            **values,
            StartDateTime=stamp(start),
            EndDateTime=stamp(start + timedelta(hours=1)),
            DurationInMinutes=60,
            EventSubtype="Event",
            Type=activity.activity_type.capitalize(),
            Status__c=_EVENT_STATUS[activity.status],
        )

    def _case(self, case: Case) -> None:
        record = self.db.create(
            "Case",
            case.key,
            at=case.opened_at,
            CaseNumber=case.number,
            AccountId=_reference("Account", case.party_key),
            Status="Closed" if case.status == "closed" else "New",
            Origin="Phone",
            Priority=case.priority,
            IsClosed=case.status == "closed",
            ClosedDate=stamp(case.closed_at) if case.closed_at else None,
            OwnerId=_reference("User", case.owner_number),
            First_Response_At__c=stamp(case.first_response_at) if case.first_response_at else None,
            Reopened_Count__c=float(case.reopened_count),
            CurrencyIsoCode=self.company.reporting_currency,
        )
        if case.closed_at:
            self.db.update(record, at=case.closed_at)

    def _noon(self, day: date) -> datetime:
        """Noon of a day in the company's time zone: the same calendar day there."""
        return self._moment(day, 12)

    def _moment(self, day: date, hour: int) -> datetime:
        found = self._moments.get((day, hour))
        if found is None:
            found = self._moments[(day, hour)] = datetime.combine(day, time(hour), self.zone).astimezone(UTC)
        return found


def _reference(object_name: str, key: str | None) -> str | None:
    return salesforce_id(object_name, key) if key else None


def _last_day(end: date | None) -> str | None:
    """The last day something holds, as vendors write it, from the first day it does not."""
    return (end - timedelta(days=1)).isoformat() if end else None


def _number(amount: Decimal) -> float:
    """JSON has one kind of number; amounts up to 15 digits survive it exactly."""
    return float(amount)
