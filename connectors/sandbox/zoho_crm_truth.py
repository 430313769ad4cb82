"""The benchmark company as records of one Zoho CRM account: which truth shows in which module and field.

Zoho knows no private persons, tax ids or case closings: custom fields hold them. A visit is an event of Event_Type
'Visit', a mail a task of Task_Type 'Email'. Roles are the units of the company's as-of date; a user's role and manager
are those of that date too. Not modelled by the truth and made up here: one contact per account with an e-mail, and one
territory per region.
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
from connectors.sandbox.salesforce_truth import opportunity_stages
from connectors.sandbox.zoho_crm_db import ZohoCrmDb, zoho_id

_TASK_TYPES = {"mail": "Email", "task": "To-do"}
_TASK_STATUS = {"done": "Completed", "planned": "Not Started", "cancelled": "Deferred"}
_CALL_STATUS = {"done": "Completed", "planned": "Scheduled", "cancelled": "Cancelled"}
_EVENT_STATUS = {"done": "Held", "planned": "Planned", "cancelled": "Cancelled"}
_LEAD_STATUS = {"open": "Not Contacted", "converted": "Contacted", "lost": "Lost Lead"}
_QUOTE_STAGE = {"open": "Negotiation", "agreed": "Closed Won", "rejected": "Closed Lost"}
_CONTRACT_STATUS = {"open": "Drafted", "agreed": "Signed", "rejected": "Cancelled"}
_TAX = 0.13
_PROBABILITY = {"won": 100, "lost": 0}
_FORECAST = {(False, False): "Open", (True, True): "Closed Won", (True, False): "Closed Lost"}


def fill(db: ZohoCrmDb, company: BenchmarkCompany) -> None:
    """Put the company's records into the store."""
    _Filler(db, company).fill()


class _Filler:
    def __init__(self, db: ZohoCrmDb, company: BenchmarkCompany) -> None:
        self.db, self.company = db, company
        self.zone = ZoneInfo(company.time_zone)
        self.founded = self._noon(company.as_of - timedelta(days=700))

    def fill(self) -> None:
        self._organisation()
        self._roles()
        self._users()
        for party in self.company.parties:
            if party.crm_name is not None:
                self._account(party, party.crm_name)
        self._products()
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

    def _organisation(self) -> None:
        self.db.organisation = {
            "id": zoho_id("org", self.company.name_en),
            "company_name": self.company.name,
            "time_zone": self.company.time_zone,
            "currency": "Home currency",
            "currency_symbol": "¥",
            "iso_code": self.company.reporting_currency,
            "zgid": "700000001",
            "max_per_page": 200,
            "license_details": {"paid": True, "paid_type": "enterprise", "users_license_purchased": 100},
        }
        self.db.stages = [
            {
                "id": zoho_id("stages", stage),
                "actual_value": stage,
                "display_value": stage,
                "sequence_number": number,
                "probability": 100 if won else 0 if closed else 50,
                "forecast_type": _FORECAST[closed, won],
                "forecast_category": {"name": "Closed" if won else "Omitted" if closed else "Pipeline", "id": "0"},
            }
            for number, (stage, closed, won) in enumerate(opportunity_stages(self.company), start=1)
        ]

    def _roles(self) -> None:
        for unit in self.company.units:
            if not unit.valid_from <= self.company.as_of < unit.valid_to:
                continue
            since = self._noon(unit.valid_from)
            self.db.create(
                "Roles",
                unit.code,
                at=since,
                name=unit.name,
                display_label=unit.name,
                description=unit.name_en,
                reporting_to=_reference("Roles", unit.parent_code),
                share_with_peers=False,
                admin_user=unit.parent_code is None,
            )
            if unit.unit_type == "region":
                territory = self.db.create(
                    "Territories", unit.code, at=since, name=unit.name, reporting_to=None, manager=None
                )
                self.db.territory_users[territory] = []

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
            "Users",
            person.number,
            at=self._noon(person.hired),
            full_name=person.name,
            last_name=person.name,
            first_name=None,
            email=person.email,
            status="active" if person.left is None or person.left > self.company.as_of else "disabled",
            role=_reference("Roles", posting.unit_code if posting else None),
            profile={"id": zoho_id("profiles", person.job_title), "name": person.job_title},
            Reporting_To=_reference("Users", posting.manager_number if posting else None),
            time_zone=self.company.time_zone,
            category="regular_user",
            confirm=True,
            Employee_Number=person.number,
        )
        if posting and (territory := zoho_id("Territories", posting.unit_code)) in self.db.territory_users:
            self.db.territory_users[territory].append(user)
        changed = person.left if person.left and person.left <= self.company.as_of else None
        if changed or (posting and posting.valid_from > person.hired):
            self.db.update("Users", user, at=self._noon(changed or posting.valid_from))  # type: ignore[union-attr]

    def _account(self, party: Party, name: str) -> None:
        owner = _reference("Users", party.owner_number)
        account = self.db.create(
            "Accounts",
            party.key,
            at=self._noon(party.created),
            Account_Name=name,
            Account_Type="Customer",
            Parent_Account=_reference("Accounts", party.parent_key),
            Billing_Street=party.crm_street or party.street,
            Billing_City=party.city,
            Billing_State=party.province,
            Billing_Code=party.crm_postal_code or party.postal_code,
            Billing_Country=party.country,
            Phone=party.crm_phone or party.phone,
            Website=party.website,
            Industry=party.industry,
            Owner=owner,
            Created_By=owner,
            Modified_By=owner,
            Tax_Id=party.crm_tax_id,
            Registry_Id=party.registry_id,
            Email=party.crm_email,
            Party_Type="Person" if party.party_type == "person" else "Company",
            Given_Name=party.given_name,
            Family_Name=party.family_name,
            Birth_Date=party.birth_date.isoformat() if party.birth_date else None,
            Other_Names=party.other_names,
            Lines_of_Business=["制造", "Trade"] if party.industry else [],
            **self._home(),
        )
        if party.crm_email and party.party_type != "person":
            self.db.create(
                "Contacts",
                party.key,
                at=self._noon(party.created),
                Account_Name=account,
                Last_Name="采购部",
                Full_Name="采购部",
                Email=party.crm_email,
                Phone=party.phone,
                Title="Purchasing",
                Owner=owner,
                **self._home(),
            )

    def _products(self) -> None:
        for product in self.company.products:
            self.db.create(
                "Products",
                product.code,
                at=self.founded,
                Product_Name=product.name,
                Product_Code=product.code,
                Product_Category=product.category,
                Product_Active=True,
                Unit_Price=_number(product.list_price),
                **self._home(),
            )

    def _deal(self, deal: Opportunity) -> None:
        owner = _reference("Users", deal.owner_number)
        stages = [stay.stage for stay in deal.stages] or ["Prospecting"]
        opened = deal.stages[0].entered_at if deal.stages else self._noon(deal.created)
        record = self.db.create(
            "Deals",
            deal.key,
            at=opened,
            Deal_Name=deal.name,
            Account_Name=_reference("Accounts", deal.party_key),
            Stage=stages[0],
            Pipeline="Standard",
            Amount=None if deal.amount is None else _number(deal.amount),
            Probability=_PROBABILITY.get(deal.status, 50),
            Closing_Date=(deal.closed or deal.expected_close).isoformat(),
            Owner=owner,
            Created_By=owner,
            Modified_By=owner,
            Currency=deal.currency,
            Exchange_Rate=1.0,
        )
        for stay in deal.stages[1:]:
            self.db.update("Deals", record, at=stay.entered_at, Stage=stay.stage)

    def _quote(self, quote: Contract) -> None:
        amount = _number(quote.amount)
        self.db.create(
            "Quotes",
            quote.key,
            at=self._noon(quote.created),
            Subject=quote.number,
            Quote_Number=quote.number,
            Quote_Stage=_QUOTE_STAGE[quote.status],
            Account_Name=_reference("Accounts", quote.party_key),
            Deal_Name=_reference("Deals", quote.opportunity_key),
            Valid_Till=_last_day(quote.valid_to),
            Sub_Total=amount,
            Tax=round(amount * _TAX, 2),
            Grand_Total=round(amount * (1 + _TAX), 2),
            Owner=_reference("Users", quote.owner_number),
            Currency=quote.currency,
            Exchange_Rate=1.0,
        )

    def _contract(self, contract: Contract) -> None:
        self.db.create(
            "Contracts",
            contract.key,
            at=self._noon(contract.created),
            Name=contract.number,
            Customer=_reference("Accounts", contract.party_key),
            Deal=_reference("Deals", contract.opportunity_key),
            Contract_Status=_CONTRACT_STATUS[contract.status],
            Contract_Value=_number(contract.amount),
            Starts_On=contract.valid_from.isoformat(),
            Ends_On=_last_day(contract.valid_to),
            Owner=_reference("Users", contract.owner_number),
            Currency=contract.currency,
            Exchange_Rate=1.0,
        )

    def _lead(self, lead: Lead) -> None:
        self.db.create(
            "Leads",
            lead.key,
            at=self._noon(lead.created),
            Full_Name=lead.name,
            Last_Name=lead.name,
            Company=lead.company_name,
            Lead_Source=lead.channel,
            Lead_Status=_LEAD_STATUS[lead.status],
            Owner=_reference("Users", lead.owner_number),
            Converted__s=lead.status == "converted",
            Converted_Date_Time=self._noon(lead.converted) if lead.converted else None,
            Converted_Deal=_reference("Deals", lead.opportunity_key),
            **self._home(),
        )

    def _activity(self, activity: Activity) -> None:
        deal, account = _reference("Deals", activity.opportunity_key), _reference("Accounts", activity.party_key)
        subject, day = activity.subject, activity.activity_date
        common = {"Owner": _reference("Users", activity.employee_number), "What_Id": deal or account}
        if activity.activity_type in _TASK_TYPES:
            self.db.create(
                "Tasks",
                activity.key,
                at=self._noon(day),
                **common,
                Subject=subject,
                Status=_TASK_STATUS[activity.status],
                Priority="Normal",
                Due_Date=day.isoformat(),
                Closed_Time=self._noon(day) if activity.status == "done" else None,
                Task_Type=_TASK_TYPES[activity.activity_type],
            )
        elif activity.activity_type == "call":
            self.db.create(
                "Calls",
                activity.key,
                at=self._noon(day),
                **common,
                Subject=subject,
                Call_Type="Outbound",
                Call_Start_Time=self._moment(day, 9),
                Call_Duration="05:00",
                Call_Duration_in_seconds=300,
                Outgoing_Call_Status=_CALL_STATUS[activity.status],
            )
        else:
            self._event(activity, common)

    def _event(self, activity: Activity, common: dict) -> None:
        start = self._moment(activity.activity_date, 9)
        self.db.create(
            "Events",
            activity.key,
            at=self._noon(activity.activity_date),
            **common,
            Event_Title=activity.subject,
            Start_DateTime=start,
            End_DateTime=start + timedelta(hours=1),
            All_day=False,
            Event_Type=activity.activity_type.capitalize(),
            Event_Status=_EVENT_STATUS[activity.status],
        )

    def _case(self, case: Case) -> None:
        record = self.db.create(
            "Cases",
            case.key,
            at=case.opened_at,
            Case_Number=case.number,
            Subject=case.number,
            Account_Name=_reference("Accounts", case.party_key),
            Status="Closed" if case.status == "closed" else "New",
            Case_Origin="Phone",
            Priority=case.priority,
            Owner=_reference("Users", case.owner_number),
            First_Response_At=_utc(case.first_response_at),
            Reopened_Count=case.reopened_count,
            Closed_At=_utc(case.closed_at),
            **self._home(),
        )
        if case.closed_at:
            self.db.update("Cases", record, at=case.closed_at)

    def _home(self) -> dict:
        return {"Currency": self.company.reporting_currency, "Exchange_Rate": 1.0}

    def _noon(self, day: date) -> datetime:
        """Noon of a day in the company's time zone: the same calendar day there."""
        return self._moment(day, 12)

    def _moment(self, day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), self.zone).astimezone(UTC)


def _reference(module: str, key: str | None) -> str | None:
    return zoho_id(module, key) if key else None


def _last_day(end: date | None) -> str | None:
    """The last day something holds, as people enter it, from the first day it does not."""
    return (end - timedelta(days=1)).isoformat() if end else None


def _number(amount: Decimal) -> float:
    """JSON has one kind of number; amounts up to 15 digits survive it exactly."""
    return float(amount)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(microsecond=0) if moment else None
