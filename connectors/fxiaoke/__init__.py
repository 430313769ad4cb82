"""Fxiaoke / ShareCRM (纷享销客) over its open platform, read only, in both calling conventions.

Each stream is one object, preset or custom; records are read by `last_modified_time` in order of `_id`. Invalidated
records (作废) land marked deleted, physical deletions are found by comparing ids. Departments and employees are listed
whole. Stages and owners over time come from the change log of each deal that changed.

Not verified against a live tenant, with the setting that changes it:

* the convention, host and reading user: `convention`, `url`, `user_id`;
* names of preset fields besides those of published samples, such as the social credit code of AccountObj, the telephone
  of ContactObj, all of CheckinsObj and ScheduleObj, the moment a lead was converted: `roles`;
* values of the statuses of deals, leads, cases, visits: `won_statuses`, `lost_statuses`, `converted_lead_statuses`,
  `lost_lead_statuses`, `closed_case_statuses`, `done_statuses`, `cancelled_statuses`, `activity_types`;
* quotes and contracts have amount, day and deal under the names of `roles`, but no status and no end of their own:
  roles `status`, `valid_until`, `starts_on`, `ends_on` name the tenant's fields, `agreed_contract_statuses` and
  `rejected_contract_statuses` their values;
* an order counts as booked at the statuses in `confirmed_order_statuses`, and only then do payments count;
* a private person is an account of a record type of its own: `person_record_types`;
* whether queries show invalidated records without being asked (`invalid_shown`) and can be asked for them
  (`read_invalid`);
* how an entry of the change log names field, old and new value: `log_keys`; off: `stage_history`;
* names of countries and provinces come only with whole records: `field_projection`;
* pages of more than 100 records: `page_size`; the wait after a throttle code: `throttle_wait_seconds`;
* a day is its midnight in China: `time_zone`;
* tenants without multi-currency have no currency field: `default_currency`;
* formula and count fields may change without moving `last_modified_time`; a nightly `scoreline sync --full` mends that.

A setting that changes what a column holds acts on records read from then on: reload the stream after changing it.
"""

from connectors.fxiaoke.config import FxiaokeConfig
from connectors.fxiaoke.connector import FxiaokeConnector

__all__ = ["FxiaokeConfig", "FxiaokeConnector"]
