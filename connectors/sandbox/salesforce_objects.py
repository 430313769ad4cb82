"""The objects of the sandboxed org and how describe shows them. Facts: standard objects plus custom fields."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldSpec:
    """One field as describe shows it; `compound` names the compound field it is a part of."""

    name: str
    type: str
    compound: str | None = None

    @property
    def custom(self) -> bool:
        """Whether the org's own administrators made it."""
        return self.name.endswith("__c")


@dataclass(frozen=True)
class ObjectSpec:
    """One object: its id prefix and fields by name."""

    name: str
    prefix: str
    fields: dict[str, FieldSpec]

    @property
    def stamp(self) -> str:
        """The field that moves with every change."""
        return "SystemModstamp" if "SystemModstamp" in self.fields else "CreatedDate"

    @property
    def recycles(self) -> bool:
        """Whether deleted records go to the recycle bin first."""
        return "IsDeleted" in self.fields


def _spec(name: str, prefix: str, text: str) -> ObjectSpec:
    """`text`: blank-separated `field`, `field:type` or `field:type<compound`; the default type is string."""
    found: dict[str, FieldSpec] = {}
    for word in text.split():
        left, _, compound = word.partition("<")
        field, _, kind = left.partition(":")
        found[field] = FieldSpec(field, kind or "string", compound or None)
    return ObjectSpec(name, prefix, found)


_AUDIT = (
    "Id:id CreatedDate:datetime CreatedById:reference LastModifiedDate:datetime LastModifiedById:reference "
    "SystemModstamp:datetime "
)
_RECORD = _AUDIT + "IsDeleted:boolean "
_MONEY = "CurrencyIsoCode:picklist "


def _address(prefix: str, compound: str) -> str:
    parts = ("Street:textarea", "City", "State", "PostalCode", "Country")
    return " ".join(f"{prefix}{part}<{compound}" for part in parts) + f" {compound}:address "


_SPECS = (
    _spec(
        "Account",
        "001",
        _RECORD
        + "MasterRecordId:reference Name Type:picklist ParentId:reference "
        + _address("Billing", "BillingAddress")
        + "Phone:phone Website:url Industry:picklist AnnualRevenue:currency NumberOfEmployees:int AccountNumber "
        "OwnerId:reference AccountSource:picklist Tradestyle Tax_Id__c Registry_Id__c Email__c:email "
        # an org with person accounts: private persons are accounts, too
        "IsPersonAccount:boolean FirstName<Name LastName<Name PersonEmail:email PersonBirthdate:date " + _MONEY,
    ),
    _spec(
        "Contact",
        "003",
        _RECORD
        + "MasterRecordId:reference AccountId:reference FirstName<Name LastName<Name Name Email:email Phone:phone "
        "MobilePhone:phone Title Department ReportsToId:reference OwnerId:reference LeadSource:picklist " + _MONEY,
    ),
    _spec(
        "User",
        "005",
        _AUDIT + "Username Name FirstName<Name LastName<Name Email:email EmployeeNumber Title Department Division "
        "CompanyName IsActive:boolean UserRoleId:reference ManagerId:reference ProfileId:reference UserType:picklist "
        "TimeZoneSidKey:picklist DefaultCurrencyIsoCode:picklist",
    ),
    _spec(
        "UserRole",
        "00E",
        "Id:id Name DeveloperName ParentRoleId:reference RollupDescription PortalType:picklist "
        "LastModifiedDate:datetime LastModifiedById:reference SystemModstamp:datetime",
    ),
    _spec(
        "Lead",
        "00Q",
        _RECORD + "MasterRecordId:reference Name FirstName<Name LastName<Name Title Company Email:email Phone:phone "
        "MobilePhone:phone Website:url LeadSource:picklist Status:picklist Industry:picklist Rating:picklist "
        "OwnerId:reference IsConverted:boolean ConvertedDate:date ConvertedAccountId:reference "
        "ConvertedContactId:reference ConvertedOpportunityId:reference " + _address("", "Address") + _MONEY,
    ),
    _spec(
        "Opportunity",
        "006",
        _RECORD + "AccountId:reference Name StageName:picklist Amount:currency Probability:percent "
        "ExpectedRevenue:currency CloseDate:date Type:picklist NextStep LeadSource:picklist IsClosed:boolean "
        "IsWon:boolean ForecastCategoryName:picklist CampaignId:reference OwnerId:reference "
        "HasOpportunityLineItem:boolean LastStageChangeDate:datetime " + _MONEY,
    ),
    _spec(
        "OpportunityFieldHistory",
        "017",
        "Id:id IsDeleted:boolean OpportunityId:reference CreatedById:reference CreatedDate:datetime Field:picklist "
        "DataType:picklist OldValue:anyType NewValue:anyType",
    ),
    _spec(
        "OpportunityStage",
        "01J",
        _AUDIT + "MasterLabel ApiName IsActive:boolean SortOrder:int IsClosed:boolean IsWon:boolean "
        "DefaultProbability:percent ForecastCategoryName:picklist",
    ),
    _spec(
        "Task",
        "00T",
        _RECORD
        + "Subject:combobox Status:picklist Priority:picklist ActivityDate:date WhoId:reference WhatId:reference "
        "OwnerId:reference AccountId:reference IsClosed:boolean IsArchived:boolean TaskSubtype:picklist "
        "CallType:picklist CallDurationInSeconds:int CompletedDateTime:datetime Type:picklist " + _MONEY,
    ),
    _spec(
        "Event",
        "00U",
        _RECORD
        + "Subject:combobox ActivityDate:date StartDateTime:datetime EndDateTime:datetime DurationInMinutes:int "
        "IsAllDayEvent:boolean WhoId:reference WhatId:reference OwnerId:reference AccountId:reference "
        "IsArchived:boolean IsChild:boolean EventSubtype:picklist Location Type:picklist Status__c:picklist " + _MONEY,
    ),
    _spec(
        "Case",
        "500",
        _RECORD
        + "MasterRecordId:reference CaseNumber AccountId:reference ContactId:reference ParentId:reference Subject "
        "Type:picklist Status:picklist Reason:picklist Origin:picklist Priority:picklist IsClosed:boolean "
        "IsEscalated:boolean ClosedDate:datetime OwnerId:reference First_Response_At__c:datetime "
        "Reopened_Count__c:double Satisfaction__c:double " + _MONEY,
    ),
    _spec(
        "Quote",
        "0Q0",
        _RECORD + "QuoteNumber Name OpportunityId:reference AccountId:reference Status:picklist ExpirationDate:date "
        "Subtotal:currency Discount:percent TotalPrice:currency Tax:currency GrandTotal:currency IsSyncing:boolean "
        "OwnerId:reference " + _MONEY,
    ),
    _spec(
        "Contract",
        "800",
        _RECORD + "ContractNumber AccountId:reference Status:picklist StatusCode:picklist StartDate:date EndDate:date "
        "ContractTerm:int ActivatedDate:datetime CompanySignedDate:date CustomerSignedDate:date OwnerId:reference "
        "Amount__c:currency Opportunity__c:reference " + _MONEY,
    ),
    _spec(
        "Order",
        "801",
        _RECORD + "OrderNumber AccountId:reference ContractId:reference OpportunityId:reference Status:picklist "
        "StatusCode:picklist EffectiveDate:date TotalAmount:currency OwnerId:reference OriginalOrderId:reference "
        "IsReductionOrder:boolean Type:picklist " + _MONEY,
    ),
    _spec(
        "OrderItem",
        "802",
        _RECORD + "OrderId:reference OrderItemNumber Product2Id:reference Quantity:double ListPrice:currency "
        "UnitPrice:currency TotalPrice:currency OriginalOrderItemId:reference Description " + _MONEY,
    ),
    _spec(
        "Territory2",
        "0MI",
        "Id:id Name DeveloperName ParentTerritory2Id:reference Territory2ModelId:reference Territory2TypeId:reference "
        "ForecastUserId:reference Description LastModifiedDate:datetime SystemModstamp:datetime",
    ),
    _spec(
        "UserTerritory2Association",
        "0MU",
        "Id:id UserId:reference Territory2Id:reference IsActive:boolean RoleInTerritory2:picklist "
        "LastModifiedDate:datetime SystemModstamp:datetime",
    ),
    _spec(
        "ForecastingQuota",
        "0J9",
        _AUDIT + "QuotaOwnerId:reference StartDate:date PeriodId:reference ForecastingTypeId:reference "
        "QuotaAmount:currency QuotaQuantity:double IsAmount:boolean Territory2Id:reference ProductFamily:picklist "
        + _MONEY,
    ),
    _spec(
        "Product2",
        "01t",
        _RECORD + "Name ProductCode Family:picklist Description:textarea IsActive:boolean StockKeepingUnit "
        "QuantityUnitOfMeasure:picklist " + _MONEY,
    ),
)

SPECS: dict[str, ObjectSpec] = {spec.name: spec for spec in _SPECS}
"""Every object of the org by its API name."""


def describe(spec: ObjectSpec, hidden: frozenset[str]) -> dict[str, object]:
    """What GET /sobjects/{Object}/describe answers, without the fields hidden from the user."""
    fields = [_described(field) for field in spec.fields.values() if field.name not in hidden]
    return {**summary(spec), "fields": fields, "recordTypeInfos": [], "childRelationships": []}


def summary(spec: ObjectSpec) -> dict[str, object]:
    """One object in GET /sobjects."""
    return {
        "name": spec.name,
        "label": spec.name,
        "keyPrefix": spec.prefix,
        "queryable": True,
        "retrieveable": True,
        "custom": False,
    }


def _described(field: FieldSpec) -> dict[str, object]:
    number = field.type in ("currency", "double", "percent")
    return {
        "name": field.name,
        "label": field.name,
        "type": field.type,
        "custom": field.custom,
        "calculated": False,
        "nillable": field.name != "Id",
        "compoundFieldName": field.compound,
        "length": 255 if field.type in ("string", "picklist", "email", "phone", "url", "combobox") else 0,
        "precision": 18 if number else 0,
        "scale": 2 if number else 0,
        "filterable": field.type not in ("address", "anyType", "textarea"),
        "sortable": field.type not in ("address", "anyType", "textarea"),
        "picklistValues": [],
        "referenceTo": [],
        "relationshipName": None,
    }
