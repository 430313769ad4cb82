"""简道云 (Jiandaoyun) over its open interface v5, read only: forms a company made itself, subforms, the address book.

Every stream is a form the source file names, or one of its subforms; `scoreline sources describe NAME` lists forms and
fields and drafts streams and mapping. Records are read by `updateTime` in order of `_id`, behind the last id of the
page before. The vendor keeps no list of deletions and counts nothing, so every sync but the first compares all ids.
Columns are named after permanent field ids, or as `fields` says: labels and aliases may change at any time.

Not verified against a live account, with the setting that changes it:

* the code of too many calls and the wait then: `throttle_code`, `throttle_wait_seconds`;
* codes 8301 and 8302 mean a wrong key; other codes end the stream with the vendor's words;
* shapes of telephone, linked records and signatures: linked records land their id, and the whole as text otherwise;
* a finished workflow is flowState 1: `only_finished`;
* a private deployment has an address of its own: `url`;
* a restored record may keep its old updateTime: the comparison of ids finds it;
* aggregated fields may change without moving updateTime; a nightly `scoreline sync --full` mends that.

A setting that changes what a column holds acts on records read from then on: reload the stream after changing it.
"""

from connectors.jiandaoyun.config import JiandaoyunConfig, JiandaoyunStream
from connectors.jiandaoyun.connector import JiandaoyunConnector

__all__ = ["JiandaoyunConfig", "JiandaoyunConnector", "JiandaoyunStream"]
