"""伙伴云 (Huoban) over its open interface v1, read only: tables a company made itself, and the workspace's members.

Every stream is a table the source file names; `scoreline sources describe NAME` lists tables and fields and drafts
streams and mapping. Items are paged by offset in order of their making, each page repeating the end of the one before,
because the vendor offers no key to go on from; after each read the vendor's own count is compared, and ids where it
differs. That also finds deletions, of which there is no list.

Published facts are few; not verified against a live workspace, with the setting that changes it:

* changes are found by `updated_on` and items paged by `created_on`: `changed_field`, `order_field`;
* times are China's, without a zone: `time_zone`;
* pages of up to 500 items: `page_size`;
* where the list of members is: `members_path`;
* how many calls are allowed, and how too many are told: `limits`, `throttle_codes`, `throttle_words`,
  `throttle_wait_seconds`;
* wrappers of categories, users and relations (lists of objects): other shapes land as they are, as text;
* a private edition has an address of its own: `url`.

A setting that changes what a column holds acts on items read from then on: reload the stream after changing it.
"""

from connectors.huoban.config import HuobanConfig, HuobanStream
from connectors.huoban.connector import HuobanConnector

__all__ = ["HuobanConfig", "HuobanConnector", "HuobanStream"]
