-- Grain: one row per stage of the road, entity and source: what went in on the left, what came out on the right.
-- A difference of null means that one side does not know its count or sum; 0 means that nothing was lost or made up.
with latest_sync as (
    select *
    from {{ source('landing', 'sync_log') }}
    where status = 'ok'
    qualify row_number() over (
        partition by source_system, stream order by finished_at desc, started_at desc, load_id desc
    ) = 1
),

{% for entity in canonical_entities() %}
staged_{{ entity }} as (
    {% for relation in entity_inputs(entity) %}
    {% if not loop.first %}union all{% endif %}
    select source_system, coalesce(is_deleted, false) as is_deleted from {{ relation }}
    {% endfor %}
),
{% endfor %}

staged as (
    {% for entity in canonical_entities() %}
    {% if not loop.first %}union all{% endif %}
    select
        '{{ entity }}' as entity,
        source_system,
        count(*) as row_count,
        count(case when is_deleted then 1 end) as deleted_count
    from staged_{{ entity }}
    group by source_system
    {% endfor %}
),

quarantined as (
    select
        entity,
        source_system,
        count(distinct source_key) as row_count
    from {{ source('mapped', 'quarantine') }}
    group by entity, source_system
),

canonical as (
    {% for entity in canonical_entities() %}
    {% if not loop.first %}union all{% endif %}
    select
        '{{ entity }}' as entity,
        source_system,
        count(*) as row_count
    from {{ ref(entity) }}
    group by source_system
    {% endfor %}
),

document as (
    select
        'sales_order_line' as entity,
        line.source_system,
        count(*) as row_count,
        sum(line.net_amount) as amount
    from {{ ref('int_sales_order_line') }} as line
    inner join {{ ref('sales_order') }} as sales_order
        on line.source_system = sales_order.source_system and line.order_key = sales_order.source_key
    where sales_order.status = 'confirmed'
    group by line.source_system

    union all

    select
        'invoice_line',
        line.source_system,
        count(*),
        sum(line.net_amount)
    from {{ ref('int_invoice_line') }} as line
    inner join {{ ref('invoice') }} as invoice
        on line.source_system = invoice.source_system and line.invoice_key = invoice.source_key
    where invoice.status = 'posted'
    group by line.source_system

    union all

    select
        'payment',
        source_system,
        count(*),
        sum(amount)
    from {{ ref('payment') }}
    where status = 'posted'
    group by source_system
),

-- the first and the last day a year of `kpi_value` covers
window_of_kpi as (
    select
        min(period.period_start) as first_day,
        max(company.as_of_date) as last_day
    from {{ ref('int_period') }} as period
    cross join {{ source('config', 'company') }} as company
),

-- a whole share is a document line's only one: only where several people share one is there more to a line than a row
credited as (
    {% for entity, metric, fact, event_date in [
        ('sales_order_line', 'bookings', 'fct_sales_credit', 'booked_date'),
        ('invoice_line', 'billings', 'fct_billing_credit', 'billed_date'),
        ('payment', 'collections', 'fct_collection_credit', 'collected_date'),
    ] %}
    {% if not loop.first %}union all{% endif %}
    select
        '{{ entity }}' as entity,
        '{{ metric }}' as metric,
        fact.source_system,
        count(case when fact.credit_share = 1 then 1 end)
        + count(distinct case when fact.credit_share not in (0, 1) then fact.source_key end) as row_count,
        sum(fact.document_amount) as amount,
        sum(
            case
                when fact.{{ event_date }} between window_of_kpi.first_day and window_of_kpi.last_day
                    then fact.credited_amount
            end
        ) as amount_of_kpi
    from {{ ref(fact) }} as fact
    cross join window_of_kpi
    group by fact.source_system
    {% endfor %}
),

fact_total as (
    select metric.metric, coalesce(sum(credited.amount_of_kpi), 0) as amount
    from (values ('bookings'), ('billings'), ('collections')) as metric (metric)
    left join credited
        on metric.metric = credited.metric
    group by metric.metric
),

year_of_kpi as (
    select
        metric,
        org_view,
        coalesce(sum(case when subject_type = 'company' then value end), 0) as company,
        coalesce(sum(case when subject_type = 'employee' then value end), 0) as employees
    from {{ ref('kpi_value') }}
    where period_type = 'year' and metric in ('bookings', 'billings', 'collections')
    group by metric, org_view
),

-- the tops of the tree: no row names a parent for them
root as (
    select org_unit_id
    from {{ ref('dim_org_unit') }}
    group by org_unit_id
    having count(parent_org_unit_id) = 0
),

roots_of_kpi as (
    select
        kpi.metric,
        kpi.org_view,
        coalesce(sum(kpi.value), 0) as units
    from {{ ref('kpi_value') }} as kpi
    inner join root
        on kpi.subject_id = root.org_unit_id
    where
        kpi.subject_type = 'org_unit'
        and kpi.period_type = 'year'
        and kpi.metric in ('bookings', 'billings', 'collections')
    group by kpi.metric, kpi.org_view
),

compared as (
    select
        'source_to_landing' as stage,
        stream as entity,
        source_system,
        cast(source_count as bigint) as left_count,
        cast(live_count as bigint) as right_count,
        cast(null as decimal(38, 6)) as left_sum,
        cast(null as decimal(38, 6)) as right_sum
    from latest_sync

    union all

    -- left: rows of landing in the entity's shape and rows in quarantine; right: canonical, deleted and quarantined
    select
        'landing_to_canonical',
        coalesce(staged.entity, quarantined.entity, canonical.entity),
        coalesce(staged.source_system, quarantined.source_system, canonical.source_system),
        coalesce(staged.row_count, 0) + coalesce(quarantined.row_count, 0),
        coalesce(canonical.row_count, 0) + coalesce(staged.deleted_count, 0) + coalesce(quarantined.row_count, 0),
        null,
        null
    from staged
    full outer join quarantined
        on staged.entity = quarantined.entity and staged.source_system = quarantined.source_system
    full outer join canonical
        on staged.entity = canonical.entity and staged.source_system = canonical.source_system

    union all

    select
        'canonical_to_credit',
        coalesce(document.entity, credited.entity),
        coalesce(document.source_system, credited.source_system),
        coalesce(document.row_count, 0),
        coalesce(credited.row_count, 0),
        coalesce(document.amount, 0),
        coalesce(credited.amount, 0)
    from document
    full outer join credited
        on document.entity = credited.entity and document.source_system = credited.source_system

    union all

    select 'credit_to_kpi', fact_total.metric, 'all', null, null, fact_total.amount, year_of_kpi.company
    from fact_total
    inner join year_of_kpi
        on fact_total.metric = year_of_kpi.metric and year_of_kpi.org_view = 'as_was'

    union all

    select 'kpi_employees_to_company_' || org_view, metric, 'all', null, null, employees, company
    from year_of_kpi

    union all

    select
        'kpi_units_to_company_' || year_of_kpi.org_view,
        year_of_kpi.metric,
        'all',
        null,
        null,
        coalesce(roots_of_kpi.units, 0),
        year_of_kpi.company
    from year_of_kpi
    left join roots_of_kpi
        on year_of_kpi.metric = roots_of_kpi.metric and year_of_kpi.org_view = roots_of_kpi.org_view
)

select
    stage,
    entity,
    source_system,
    cast(left_count as bigint) as left_count,
    cast(right_count as bigint) as right_count,
    cast(left_sum as decimal(38, 6)) as left_sum,
    cast(right_sum as decimal(38, 6)) as right_sum,
    cast(left_count - right_count as bigint) as difference_count,
    cast(left_sum - right_sum as decimal(38, 6)) as difference_sum
from compared
