"""Odoo 14 to 19 over its external API: partners, people, orders, invoices, payments and the CRM.

One switch, `protocol`, chooses JSON-RPC (14 to 18) or JSON-2 (19 on). Tried against a real Odoo 14; what is known of
15 to 19 comes from the vendor's documentation and source. Not verified on a running server, with the setting to change:

* 19 renamed fields (`product_uom_id`, `tax_ids`): both spellings are candidates; others can be added in `extra_fields`.
* Worker limits of hosted servers (60 s CPU): lower `page_size`.
* Hosted plans may answer about one call per second: the calls here are made one after the other, never side by side.
"""

from connectors.odoo.config import OdooConfig
from connectors.odoo.connector import OdooConnector

__all__ = ["OdooConfig", "OdooConnector"]
