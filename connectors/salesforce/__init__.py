"""Salesforce, read only, over REST queries and, for large reads, Bulk API 2.0; client credentials or JWT bearer.

Each stream is one object. Records are read by `SystemModstamp` (field history: `CreatedDate`) through queryAll, so that
records in the recycle bin and archived activities arrive too, the former marked deleted. Purged records are found by
comparing ids. A merged account is deleted and names its survivor in `master_record_id`. Compound fields land as their
parts. The org's own fields land by themselves.

Facts taken from general knowledge and not verified against a live org, with the setting that changes them:

* the client credentials flow must be asked at the My Domain host: `login_url`;
* a visit is an Event with `Type` = 'Visit': `visit_event_types`;
* an Event has no status of its own: `event_status_field`;
* the first answer to a Case, how often it was reopened and what the customer said of it are fields of the org's own:
  `case_first_response_field`, `case_reopened_field`, `case_satisfaction_field` with `satisfaction_scale`;
* a Lead is lost at the statuses in `lost_lead_statuses`; a Task is cancelled at those in `cancelled_task_statuses`;
* tax id, registry id and e-mail of an Account are custom fields: `tax_id_field`, `registry_id_field`,
  `account_email_field`;
* a Quote has an owner and TotalPrice, its sum without tax; a Contract has neither amount nor opportunity of its own:
  `contract_amount_field`, `contract_opportunity_field`;
* an Order counts as booked at the statuses in `confirmed_order_statuses`; lines of a reduction order are negative and
  name the line they take back in OriginalOrderItemId;
* quotes, orders, territories and quotas exist once their feature is switched on, else describe answers NOT_FOUND: such
  a stream lands nothing and says so as a gap; leave it out of the source's `streams` to hear no more of it;
* a Quote or Contract is agreed or has failed at the statuses in `agreed_contract_statuses`,
  `rejected_contract_statuses`;
* field history tells a change of owner as field Owner, once by ids and once by names; without tracking of the owner all
  stays are today's owner's;
* an org without multi-currency has no CurrencyIsoCode: `default_currency`;
* an assertion of the JWT bearer flow is for `https://login.salesforce.com` and valid for minutes: `jwt_audience`;
* bulk results write null as an empty cell and times with Z, jobs are kept for seven days, and 10,000 of them a day are
  allowed: `bulk_from_records` (null: REST only), `bulk_page_size`;
* five requests of 20 s and longer at once are within every org's limit: `limits`;
* batch sizes go from 200 to 2,000: `page_size`;
* the daily request limit shows as HTTP 403 REQUEST_LIMIT_EXCEEDED without Retry-After: the sync fails at once;
* formula fields change without moving SystemModstamp, so none is landed by default; one named in `extra_fields` is as
  old as its record's last change.

A setting that changes what a column holds acts on records read from then on: reload the stream after changing it.
"""

from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.connector import SalesforceConnector

__all__ = ["SalesforceConfig", "SalesforceConnector"]
