-- Grain: one row per statement and line of it: a credited line or payment, what is taken back of one, or what fills up, is
-- carried, owed or added; the amounts of a statement's lines add up to what is payable, in cents.
{% set named = statement_columns() %}
{% set nothing = 'null, null, null, null, null, null, null, null, null, null, null' %}
with line as (
    select
        {{ named }},
        'sale' as line_kind,
        plan_version as paid_plan_version,
        line_status,
        source_entity,
        source_system,
        source_key,
        load_id,
        document_key,
        document_number,
        customer_key,
        event_date,
        currency as document_currency,
        credit_share,
        credited_amount,
        counted_amount,
        rate_pct,
        calculated_amount,
        earned_amount as amount,
        cast(null as varchar) as paid_source_key,
        cast(null as date) as paid_period_start
    from {{ ref('int_incentive_earning') }}

    union all

    -- does not count in its sale above, so it takes nothing back
    select
        {{ statement_columns('line') }},
        'return_in_period',
        line.plan_version,
        'ok',
        line.source_entity,
        line.source_system,
        reversal.reversal_key,
        reversal.reversal_load_id,
        reversal.reversal_document_key,
        reversal.reversal_document_number,
        line.customer_key,
        reversal.reversal_date,
        reversal.currency,
        reversal.credit_share,
        reversal.reversal_credited_amount,
        0,
        null,
        0,
        0,
        line.source_key,
        line.period_start
    from {{ ref('int_incentive_earning') }} as line
    inner join {{ ref('int_incentive_reversal') }} as reversal
        on
            {{ same_key('line', 'reversal', ['pays_on', 'employee_id', 'source_system', 'source_key']) }}
            and reversal.reversal_date < line.next_period_start

    union all

    select
        {{ named }},
        'return',
        paid_plan_version,
        'ok',
        source_entity,
        source_system,
        source_key,
        load_id,
        document_key,
        document_number,
        customer_key,
        event_date,
        currency,
        credit_share,
        credited_amount,
        counted_amount,
        rate_pct,
        clawback_amount,
        clawback_amount,
        paid_source_key,
        paid_period_start
    from {{ ref('int_incentive_clawback') }}

    union all

    select
        {{ named }},
        'bad_debt',
        paid_plan_version,
        'ok',
        'invoice',
        source_system,
        invoice_key,
        load_id,
        invoice_key,
        invoice_number,
        customer_key,
        looked_on,
        currency,
        credit_share,
        null,
        null,
        null,
        clawback_amount,
        clawback_amount,
        paid_source_key,
        paid_period_start
    from {{ ref('int_incentive_bad_debt') }}

    {% for kind, amount in [
        ('carried', 'carried_amount'), ('guarantee', 'guarantee_amount'), ('draw', 'draw_amount'), ('recovered', '-recovered_amount')
    ] %}
    union all

    select
        {{ named }}, '{{ kind }}', plan_version, 'ok', {{ nothing }}, null, null, null, {{ amount }}, null, null
    from {{ ref('int_incentive_pay') }}
    where {{ amount }} <> 0
    {% endfor %}

    union all

    select
        {{ named }}, 'bonus', plan_version, 'ok', {{ nothing }}, null, null, null, bonus_amount, null, null
    from {{ ref('int_incentive_bonus') }}
    where bonus_amount <> 0
),

placed as (
    select
        *,
        case line_kind
            when 'sale' then 1 when 'return_in_period' then 1 when 'return' then 2 when 'bad_debt' then 3
            when 'carried' then 4 when 'guarantee' then 5 when 'draw' then 6 when 'recovered' then 7
            else 8
        end as place
    from line
)

select
    {{ named }},
    cast(
        row_number() over (
            partition by {{ named }}
            order by place, event_date, source_system, source_key, line_kind desc, paid_source_key, paid_period_start
        ) as integer
    ) as line_number,
    line_kind,
    line_status,
    paid_plan_version,
    source_entity,
    source_system,
    source_key,
    load_id,
    document_key,
    document_number,
    customer_key,
    event_date,
    document_currency,
    cast(credit_share as decimal(18, 9)) as credit_share,
    cast(credited_amount as decimal(28, 6)) as credited_amount,
    cast(counted_amount as decimal(28, 6)) as counted_amount,
    cast(rate_pct as decimal(38, 9)) as rate_pct,
    cast(calculated_amount as decimal(28, 2)) as calculated_amount,
    cast(amount as decimal(28, 2)) as amount,
    paid_source_key,
    paid_period_start
from placed
