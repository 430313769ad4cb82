"""Which vendors can play the CRM of the benchmark company: the one list a new sandbox is added to.

The rest of what makes a vendor the demo's CRM lies in `demo_company/crm/<name>/`: the files of the company folder that
differ from the template's (`sources/crm.yaml`, and decisions that name records by the vendor's ids).
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads the list of names and should not wait for a web framework
    from starlette.applications import Starlette

    from connectors.sandbox.company import BenchmarkCompany

DEFAULT_CRM = "salesforce"
CRMS: dict[str, str] = {
    "salesforce": "connectors.sandbox.salesforce",
    "zoho_crm": "connectors.sandbox.zoho_crm",
    "fxiaoke": "connectors.sandbox.fxiaoke",
    "jiandaoyun": "connectors.sandbox.jiandaoyun",
    "huoban": "connectors.sandbox.huoban",
}
"""Name of the vendor, as connector and `--crm` spell it, and the module whose `DEMO_CRM` describes it."""


@dataclass(frozen=True)
class DemoCrm:
    """One vendor as the benchmark company's CRM.

    app: the sandbox's application over the company; its live records are `app.state.db`.
    record_id: the vendor's id of one of the truth's records: kind ('account', 'case', 'contract', 'lead',
    'opportunity', 'quote') and key.
    secret: what `sources/crm.yaml` finds in SCORELINE_DEMO_CRM_SECRET.
    variables: further environment variables of `sources/crm.yaml`, by full name.
    words: how the vendor's salespeople call a stage -> the truth's word for it; empty where they use the truth's.
    """

    app: "Callable[[BenchmarkCompany], Starlette]"
    record_id: Callable[[str, str], str]
    secret: str = field(repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    words: Mapping[str, str] = field(default_factory=dict, repr=False)


def demo_crm(name: str) -> DemoCrm:
    """The vendor of that name; imports its sandbox. KeyError for a name that is not in `CRMS`."""
    described: DemoCrm = importlib.import_module(CRMS[name]).DEMO_CRM
    return described
