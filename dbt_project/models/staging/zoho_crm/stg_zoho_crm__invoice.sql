-- Grain: one row per invoice; the latest version wins. Zoho CRM has no credit notes. Invoices are drafts unless the
-- configuration says which status counts.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    invoice_number,
    'invoice' as invoice_type,
    account_name_id as customer_record_key,
    owner_id as owner_employee_key,
    sales_order_id as order_key,
    cast(null as varchar) as reversed_invoice_key,
    case when is_cancelled then 'cancelled' when is_posted then 'posted' else 'draft' end as status,
    coalesce(invoice_date, {{ company_date('created_time') }}) as invoice_date,
    due_date,
    currency,
    cast(sub_total - coalesce(discount, 0) as decimal(28, 6)) as net_amount,
    cast(grand_total as decimal(28, 6)) as total_amount,
    _deleted as is_deleted
from {{ latest_version(source('zoho_crm', 'invoice')) }} as invoice
