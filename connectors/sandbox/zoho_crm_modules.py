"""The modules of the sandboxed Zoho CRM account, with usual and custom fields, and how the fields call shows them."""

from dataclasses import dataclass
from typing import Any

_JSON_TYPES = {
    "lookup": "jsonobject",
    "ownerlookup": "jsonobject",
    "multiselectpicklist": "jsonarray",
    "subform": "jsonarray",
    "boolean": "boolean",
    "integer": "integer",
    "currency": "double",
    "double": "double",
    "percent": "integer",
}


@dataclass(frozen=True)
class FieldSpec:
    """One field; `module` is where a lookup leads to."""

    name: str
    type: str
    module: str | None = None
    custom: bool = False

    def described(self, number: int) -> dict[str, Any]:
        """The field as the fields call shows it."""
        lookup = {"api_name": None, "module": {"api_name": self.module, "id": "0"}} if self.module else {}
        return {
            "id": str(5725767000000000000 + number),
            "api_name": self.name,
            "field_label": self.name.replace("_", " "),
            "display_label": self.name.replace("_", " "),
            "data_type": self.type,
            "json_type": _JSON_TYPES.get(self.type, "string"),
            "custom_field": self.custom,
            "read_only": False,
            "visible": True,
            "length": 255,
            "decimal_place": 2 if self.type in ("currency", "double") else None,
            "lookup": lookup,
            "pick_list_values": [],
            "formula": {},
            "currency": {},
        }


@dataclass(frozen=True)
class ModuleSpec:
    """One module: its fields by API name, the id left out, and the field a lookup shows as its name."""

    name: str
    label: str
    fields: dict[str, FieldSpec]


def _spec(name: str, label: str, text: str) -> ModuleSpec:
    """`text`: blank-separated `field`, `field:type`, `field:lookup>Module`; '*' before it is a custom field."""
    found: dict[str, FieldSpec] = {}
    for word in text.split():
        left, _, module = word.partition(">")
        field, _, kind = left.removeprefix("*").partition(":")
        found[field] = FieldSpec(field, kind or "text", module or None, word.startswith("*"))
    return ModuleSpec(name, label, found)


_RECORD = (
    "Owner:ownerlookup>Users Created_By:ownerlookup>Users Modified_By:ownerlookup>Users Created_Time:datetime "
    "Modified_Time:datetime Last_Activity_Time:datetime Tag:text "
)
_MONEY = "Currency:picklist Exchange_Rate:double "
_ON_SOMETHING = "Who_Id:lookup>Contacts What_Id:lookup>* "

_SPECS = (
    _spec(
        "Accounts",
        "Account_Name",
        _RECORD + "Account_Name Account_Number:bigint Account_Type:picklist Parent_Account:lookup>Accounts "
        "Industry:picklist Ownership:picklist Billing_Street Billing_City Billing_State Billing_Code Billing_Country "
        "Shipping_Street Shipping_City Shipping_State Shipping_Code Shipping_Country "
        "Phone:phone Fax Website:website Annual_Revenue:currency Employees:integer Rating:picklist SIC_Code:integer "
        "Ticker_Symbol Account_Site Description:textarea Record_Image:profileimage Territories:multiselectlookup "
        "*Tax_Id *Registry_Id *Email:email *Party_Type:picklist *Given_Name *Family_Name *Birth_Date:date *Other_Names "
        "*Lines_of_Business:multiselectpicklist *Contract_Signed_At:datetime " + _MONEY,
    ),
    _spec(
        "Contacts",
        "Full_Name",
        _RECORD + "First_Name Last_Name Full_Name Account_Name:lookup>Accounts Email:email Phone:phone Mobile:phone "
        "Title Department Reporting_To:lookup>Contacts Lead_Source:picklist Date_of_Birth:date " + _MONEY,
    ),
    _spec(
        "Leads",
        "Full_Name",
        _RECORD + "Company First_Name Last_Name Full_Name Designation Email:email Phone:phone Mobile:phone "
        "Website:website Lead_Source:picklist Lead_Status:picklist Industry:picklist Rating:picklist Street City State "
        "Zip_Code Country Converted__s:boolean Converted_Date_Time:datetime Converted_Account:lookup>Accounts "
        "Converted_Contact:lookup>Contacts Converted_Deal:lookup>Deals " + _MONEY,
    ),
    _spec(
        "Deals",
        "Deal_Name",
        _RECORD
        + "Deal_Name Account_Name:lookup>Accounts Contact_Name:lookup>Contacts Stage:picklist Pipeline:picklist "
        "Amount:currency Probability:integer Expected_Revenue:currency Closing_Date:date Type:picklist "
        "Lead_Source:picklist Next_Step Reason_For_Loss__s:picklist Campaign_Source:lookup>Campaigns "
        "Sales_Cycle_Duration:integer Lead_Conversion_Time:integer Description:textarea " + _MONEY,
    ),
    _spec(
        "Tasks",
        "Subject",
        _RECORD + _ON_SOMETHING + "Subject Status:picklist Priority:picklist Due_Date:date Closed_Time:datetime "
        "*Task_Type:picklist",
    ),
    _spec(
        "Events",
        "Event_Title",
        _RECORD + _ON_SOMETHING + "Event_Title Start_DateTime:datetime End_DateTime:datetime All_day:boolean Venue "
        "Check_In_Time:datetime Check_In_Status:picklist *Event_Type:picklist *Event_Status:picklist",
    ),
    _spec(
        "Calls",
        "Subject",
        _RECORD + _ON_SOMETHING + "Subject Call_Type:picklist Call_Start_Time:datetime Call_Duration "
        "Call_Duration_in_seconds:integer Outgoing_Call_Status:picklist Call_Purpose:picklist Call_Result:picklist",
    ),
    _spec(
        "Cases",
        "Subject",
        _RECORD + "Subject Case_Number Status:picklist Priority:picklist Case_Origin:picklist Case_Reason:picklist "
        "Account_Name:lookup>Accounts Deal_Name:lookup>Deals Related_To:lookup>Contacts Type:picklist "
        "*First_Response_At:datetime *Reopened_Count:integer *Closed_At:datetime *Satisfaction:integer " + _MONEY,
    ),
    _spec(
        "Products",
        "Product_Name",
        _RECORD + "Product_Name Product_Code Product_Category:picklist Product_Active:boolean Unit_Price:currency "
        "Usage_Unit:picklist Description:textarea " + _MONEY,
    ),
    _spec(
        "Quotes",
        "Subject",
        _RECORD + "Subject Quote_Number:bigint Quote_Stage:picklist Account_Name:lookup>Accounts "
        "Deal_Name:lookup>Deals Valid_Till:date Sub_Total:currency Discount:currency Tax:currency Grand_Total:currency "
        "Quoted_Items:subform " + _MONEY,
    ),
    # a module of the account's own
    _spec(
        "Contracts",
        "Name",
        _RECORD + "Name *Customer:lookup>Accounts *Deal:lookup>Deals *Contract_Status:picklist "
        "*Contract_Value:currency *Starts_On:date *Ends_On:date " + _MONEY,
    ),
    _spec(
        "Sales_Orders",
        "Subject",
        _RECORD + "Subject SO_Number:bigint Status:picklist Account_Name:lookup>Accounts Deal_Name:lookup>Deals "
        "Due_Date:date Sub_Total:currency Discount:currency Tax:currency Grand_Total:currency Ordered_Items:subform "
        + _MONEY,
    ),
    _spec(
        "Invoices",
        "Subject",
        _RECORD + "Subject Invoice_Number:bigint Status:picklist Account_Name:lookup>Accounts Deal_Name:lookup>Deals "
        "Sales_Order:lookup>Sales_Orders Invoice_Date:date Due_Date:date Sub_Total:currency Discount:currency "
        "Tax:currency Grand_Total:currency Invoiced_Items:subform " + _MONEY,
    ),
)

SPECS: dict[str, ModuleSpec] = {spec.name: spec for spec in _SPECS}
"""Every module of the account by its API name."""
SETTINGS_TABLES = ("Users", "Roles", "Territories")
"""What is not a module, but kept in the same store."""
