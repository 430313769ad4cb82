"""Which Salesforce objects are streams, and which of their fields are landed unless the source file says otherwise.

`fields` are expected in every org: one that describe does not show is hidden by field-level security and is reported;
those in `essential` carry the numbers, so a sync without them fails instead of landing nulls. `optional` fields exist
only with a feature or edition and are taken when they are there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.base import Stream
from connectors.salesforce.config import SalesforceConfig


@dataclass(frozen=True)
class Flag:
    """A boolean landed column: is the text of vendor field `field` one of the values the configuration lists?"""

    column: str
    field: str
    values: Callable[[SalesforceConfig], list[str]]


@dataclass(frozen=True)
class SalesforceObject:
    """One object: its stream, the vendor fields landed, and columns whose source the configuration names.

    roles: landed column -> vendor field of the configuration (None: not configured). money: whether amounts need a
    currency. feature: what an org must have switched on to have the object at all; None: every org has it.
    """

    name: str
    stream: str
    description: str
    fields: tuple[str, ...]
    essential: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    cursor: str = "SystemModstamp"
    roles: dict[str, Callable[[SalesforceConfig], str | None]] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    money: bool = False
    feature: str | None = None


def _fields(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CHANGED = "Id CreatedDate LastModifiedDate SystemModstamp "
_RECORD = _CHANGED + "IsDeleted "

_AGREEMENT = (
    Flag("is_agreed", "Status", lambda config: config.agreed_contract_statuses),
    Flag("is_rejected", "Status", lambda config: config.rejected_contract_statuses),
)

_OBJECTS = (
    SalesforceObject(
        "Account",
        "account",
        "Customers; a merged account is deleted and names its survivor in master_record_id.",
        _fields(
            _RECORD + "MasterRecordId Name Type ParentId BillingStreet BillingCity BillingState BillingPostalCode "
            "BillingCountry Phone Website Industry AnnualRevenue NumberOfEmployees AccountNumber OwnerId AccountSource"
        ),
        essential=_fields("Name OwnerId"),
        optional=_fields(
            "IsPersonAccount FirstName LastName PersonEmail PersonMobilePhone PersonBirthdate Tradestyle RecordTypeId "
            "CurrencyIsoCode BillingStateCode BillingCountryCode"
        ),
        roles={
            "tax_id": lambda config: config.tax_id_field,
            "registry_id": lambda config: config.registry_id_field,
            "email": lambda config: config.account_email_field,
        },
    ),
    SalesforceObject(
        "Contact",
        "contact",
        "Persons at customers.",
        _fields(
            _RECORD + "MasterRecordId AccountId FirstName LastName Name Email Phone MobilePhone Title Department "
            "ReportsToId OwnerId LeadSource"
        ),
        essential=_fields("Name AccountId"),
        optional=_fields("CurrencyIsoCode"),
    ),
    SalesforceObject(
        "User",
        "user",
        "People who can log in; never deleted, only made inactive. Each landed version is one posting.",
        _fields(
            _CHANGED + "Username Name FirstName LastName Email EmployeeNumber Title Department Division CompanyName "
            "IsActive UserRoleId ManagerId ProfileId UserType TimeZoneSidKey"
        ),
        essential=_fields("Name IsActive UserRoleId ManagerId"),
        optional=_fields("DefaultCurrencyIsoCode"),
    ),
    SalesforceObject(
        "UserRole",
        "user_role",
        "The role tree, which stands for the org chart.",
        _fields("Id Name DeveloperName ParentRoleId RollupDescription LastModifiedDate SystemModstamp"),
        essential=_fields("Name ParentRoleId"),
        optional=_fields("PortalType"),
        roles={"unit_code": lambda config: config.unit_code_field},
    ),
    SalesforceObject(
        "Lead",
        "lead",
        "Unqualified enquiries; the owner may be a queue (id starting 00G).",
        _fields(
            _RECORD + "MasterRecordId Name FirstName LastName Title Company Email Phone MobilePhone Website LeadSource "
            "Status Industry Rating OwnerId IsConverted ConvertedDate ConvertedAccountId ConvertedContactId "
            "ConvertedOpportunityId Street City State PostalCode Country"
        ),
        essential=_fields("Status OwnerId IsConverted ConvertedDate ConvertedOpportunityId"),
        optional=_fields("CurrencyIsoCode"),
        flags=(Flag("is_lost", "Status", lambda config: config.lost_lead_statuses),),
    ),
    SalesforceObject(
        "Opportunity",
        "opportunity",
        "Deals.",
        _fields(
            _RECORD + "AccountId Name StageName Amount Probability ExpectedRevenue CloseDate Type NextStep LeadSource "
            "IsClosed IsWon ForecastCategoryName CampaignId OwnerId HasOpportunityLineItem"
        ),
        essential=_fields("AccountId StageName Amount CloseDate IsClosed IsWon OwnerId"),
        optional=_fields("CurrencyIsoCode RecordTypeId Territory2Id Pricebook2Id LastStageChangeDate ContactId"),
        money=True,
    ),
    SalesforceObject(
        "OpportunityFieldHistory",
        "opportunity_field_history",
        "Changes of tracked opportunity fields; needs field history tracking on Stage and Opportunity Owner.",
        _fields("Id OpportunityId Field OldValue NewValue CreatedById CreatedDate IsDeleted"),
        essential=_fields("OpportunityId Field OldValue NewValue"),
        optional=_fields("DataType"),
        cursor="CreatedDate",
    ),
    SalesforceObject(
        "OpportunityStage",
        "opportunity_stage",
        "The stages a deal can be in.",
        _fields(
            "Id MasterLabel ApiName IsActive SortOrder IsClosed IsWon DefaultProbability ForecastCategoryName "
            "CreatedDate LastModifiedDate SystemModstamp"
        ),
        essential=_fields("MasterLabel"),
    ),
    SalesforceObject(
        "Task",
        "task",
        "Calls, mails and to-dos; the kind is in task_subtype.",
        _fields(
            _RECORD + "Subject Status Priority ActivityDate WhoId WhatId OwnerId AccountId IsClosed IsArchived "
            "TaskSubtype CallType CallDurationInSeconds CompletedDateTime"
        ),
        essential=_fields("Status ActivityDate IsClosed WhatId AccountId OwnerId TaskSubtype"),
        optional=_fields("Type CurrencyIsoCode"),
        flags=(Flag("is_cancelled", "Status", lambda config: config.cancelled_task_statuses),),
    ),
    SalesforceObject(
        "Event",
        "event",
        "Calendar entries: meetings and visits.",
        _fields(
            _RECORD + "Subject ActivityDate StartDateTime EndDateTime DurationInMinutes IsAllDayEvent WhoId WhatId "
            "OwnerId AccountId IsArchived IsChild EventSubtype Location"
        ),
        essential=_fields("ActivityDate WhatId AccountId OwnerId"),
        optional=_fields("Type CurrencyIsoCode"),
        roles={"event_status": lambda config: config.event_status_field},
        flags=(Flag("is_visit", "Type", lambda config: config.visit_event_types),),
    ),
    SalesforceObject(
        "Case",
        "case",
        "Service requests.",
        _fields(
            _RECORD
            + "MasterRecordId CaseNumber AccountId ContactId ParentId Subject Type Status Reason Origin Priority "
            "IsClosed IsEscalated ClosedDate OwnerId"
        ),
        essential=_fields("AccountId OwnerId IsClosed ClosedDate"),
        optional=_fields("CurrencyIsoCode"),
        roles={
            "first_response_at": lambda config: config.case_first_response_field,
            "reopened_count": lambda config: config.case_reopened_field,
            "satisfaction": lambda config: config.case_satisfaction_field,
        },
    ),
    SalesforceObject(
        "Quote",
        "quote",
        "Quotes.",
        _fields(
            _RECORD + "QuoteNumber Name OpportunityId AccountId Status ExpirationDate Subtotal Discount TotalPrice Tax "
            "GrandTotal IsSyncing OwnerId"
        ),
        essential=_fields("Status TotalPrice OpportunityId"),
        optional=_fields("CurrencyIsoCode ContractId RecordTypeId"),
        flags=_AGREEMENT,
        money=True,
        feature="quotes (Setup, Quote Settings)",
    ),
    SalesforceObject(
        "Contract",
        "contract",
        "Contracts; amount and deal are fields of the org's own.",
        _fields(
            _RECORD + "ContractNumber AccountId Status StatusCode StartDate EndDate ContractTerm ActivatedDate "
            "CompanySignedDate CustomerSignedDate OwnerId"
        ),
        essential=_fields("Status AccountId OwnerId"),
        optional=_fields("CurrencyIsoCode RecordTypeId"),
        roles={
            "amount": lambda config: config.contract_amount_field,
            "opportunity_id": lambda config: config.contract_opportunity_field,
        },
        flags=_AGREEMENT,
        money=True,
    ),
    SalesforceObject(
        "Order",
        "order",
        "Orders, where they are kept in the CRM.",
        _fields(
            _RECORD + "OrderNumber AccountId ContractId Status StatusCode EffectiveDate TotalAmount OwnerId "
            "OriginalOrderId IsReductionOrder"
        ),
        essential=_fields("AccountId Status EffectiveDate OwnerId"),
        optional=_fields("CurrencyIsoCode OpportunityId QuoteId Type RecordTypeId"),
        flags=(
            Flag("is_confirmed", "Status", lambda config: config.confirmed_order_statuses),
            Flag("is_cancelled", "Status", lambda config: config.cancelled_order_statuses),
        ),
        money=True,
        feature="orders (Setup, Order Settings)",
    ),
    SalesforceObject(
        "OrderItem",
        "order_item",
        "Lines of orders; of a reduction order they name the line they take back.",
        _fields(_RECORD + "OrderId OrderItemNumber Product2Id Quantity ListPrice UnitPrice TotalPrice"),
        essential=_fields("OrderId Quantity TotalPrice"),
        optional=_fields("CurrencyIsoCode OriginalOrderItemId Description ServiceDate EndDate"),
        feature="orders (Setup, Order Settings)",
    ),
    SalesforceObject(
        "Territory2",
        "territory",
        "Sales territories; landed only: they are no part of the org chart.",
        _fields(
            "Id Name DeveloperName ParentTerritory2Id Territory2ModelId Territory2TypeId LastModifiedDate "
            "SystemModstamp"
        ),
        optional=_fields("ForecastUserId Description"),
        feature="territory management (Setup, Territory Settings)",
    ),
    SalesforceObject(
        "UserTerritory2Association",
        "territory_user",
        "Who works in which territory; landed only.",
        _fields("Id UserId Territory2Id IsActive RoleInTerritory2 LastModifiedDate SystemModstamp"),
        feature="territory management (Setup, Territory Settings)",
    ),
    SalesforceObject(
        "ForecastingQuota",
        "quota",
        "Quotas of people and territories; landed only: a company says by a file which of them are its targets.",
        _fields(
            "Id QuotaOwnerId StartDate PeriodId ForecastingTypeId QuotaAmount QuotaQuantity IsAmount "
            "CreatedDate LastModifiedDate SystemModstamp"
        ),
        optional=_fields("CurrencyIsoCode Territory2Id ProductFamily"),
        feature="forecasting with quotas (Setup, Forecasts Settings)",
    ),
    SalesforceObject(
        "Product2",
        "product",
        "Things sold.",
        _fields(_RECORD + "Name ProductCode Family Description IsActive StockKeepingUnit QuantityUnitOfMeasure"),
        essential=_fields("Name ProductCode"),
        optional=_fields("CurrencyIsoCode"),
    ),
)

OBJECTS: dict[str, SalesforceObject] = {item.stream: item for item in _OBJECTS}
"""Every object by stream name."""


def stream_of(item: SalesforceObject) -> Stream:
    """The landing stream of an object; all live ids can be listed, so purged rows are found."""
    cursor = "system_modstamp" if item.cursor == "SystemModstamp" else "created_date"
    return Stream(item.stream, ("id",), cursor, keys_listable=True, description=item.description)
