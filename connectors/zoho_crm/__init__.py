"""Zoho CRM over its API v8, read only, with the refresh token of a self client or server-based client.

Modules are read by `Modified_Time` with queries (COQL) or list calls; the list of deletions follows each read, and
comparing ids finds what is restored, purged or beyond that list. Of merged accounts the loser is a deletion.

Facts taken from general knowledge and not verified against a live account, with the setting that changes them:

* COQL compares and sorts ids, and shows converted leads: `list_streams` reads a stream with list calls instead, which
  ask for `converted=both`;
* a page token goes on after the last row of its list, whatever changes meanwhile, and one list reaches 100,000 rows: a
  list that breaks off is started anew at the last time seen; take the stream out of `list_streams` to use queries;
* the count of a module holds the converted leads: where it does not, ids are compared in every sync, which costs calls;
* a converted lead shows Converted__s, Converted_Date_Time and Converted_Deal: `columns` of lead;
* the timeline of a deal names users by full name: staging finds them by id or by name; `history_fields` without `Owner`
  leaves them out;
* the forecast type of a stage is 'Open', 'Closed Won' or 'Closed Lost': `won_stages`, `lost_stages`;
* credits that are used up show as API_LIMIT_EXCEEDED or CREDIT_LIMIT_EXCEEDED: the sync fails at once;
* TOO_MANY_REQUESTS comes without a time to wait: `throttle_wait_seconds`;
* statuses of leads, cases, tasks and calls: `lost_lead_statuses`, `closed_case_statuses`, `done_task_statuses`,
  `cancelled_task_statuses`, `done_call_statuses`, `planned_call_statuses`;
* emails are not a module: a mail is a task whose `activity_type` is in `mail_task_types`; a visit is an event with a
  check-in or whose `activity_type` is in `visit_event_types` (setting `columns`);
* lines of orders and invoices come with the single document, `Total_After_Discount` being the net amount of a line:
  `confirmed_order_statuses` and `posted_invoice_statuses` left empty leave them out;
* stages of quotes: `agreed_contract_statuses`, `rejected_contract_statuses`; Zoho has no contracts: `contract_module`
  names the company's own module of them, `columns` of contract its fields;
* an order has no date of its own: `columns` of sales_order, else the day it was made;
* Zoho has no private persons, tax ids or e-mails of accounts, no first answer of a case, no rating by its customer and
  no employee number: name your own fields under `columns`, and the most points of a rating in `satisfaction_scale`;
* formula and roll-up fields change without moving Modified_Time: they are as old as their record's last change.

A setting that changes what a column holds acts on records read from then on: reload the stream after changing it.
A deal that changed costs one call when there are `history_fields`, an order or invoice that changed when they count.
"""

from connectors.zoho_crm.config import ZohoCrmConfig
from connectors.zoho_crm.connector import ZohoCrmConnector

__all__ = ["ZohoCrmConfig", "ZohoCrmConnector"]
