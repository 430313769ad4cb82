-- Grain: one row per credited line that was sold and reversal that gives some of it back.
-- What is given back of one origin and employee meets what was sold of it in order of days, the oldest first, in the currency
-- of the documents: a rate of exchange that moved in between changes nothing. More given back than sold meets nothing.
{% set origin = 'pays_on, source_system, origin_key, employee_id, currency' %}
with reversal as (
    select
        *,
        sum(-document_amount) over (partition by {{ origin }} order by event_date, source_key) as back_to
    from {{ ref('int_incentive_credit') }}
    where is_reversal
),

sold as (
    select
        *,
        sum(document_amount) over (partition by {{ origin }} order by event_date, source_key) as sold_to
    from {{ ref('int_incentive_credit') }}
    where
        document_amount > 0
        and (pays_on, source_system, origin_key) in (select (pays_on, source_system, origin_key) from reversal)
)

select
    sold.pays_on,
    sold.employee_id,
    sold.source_system,
    sold.source_key,
    sold.document_amount,
    reversal.source_key as reversal_key,
    reversal.event_date as reversal_date,
    reversal.load_id as reversal_load_id,
    reversal.document_key as reversal_document_key,
    reversal.document_number as reversal_document_number,
    reversal.customer_key,
    reversal.currency,
    reversal.credit_share,
    reversal.credited_amount as reversal_credited_amount,
    cast(
        least(sold.sold_to, reversal.back_to)
        - greatest(sold.sold_to - sold.document_amount, reversal.back_to + reversal.document_amount)
        as decimal(28, 6)
    ) as given_back
from sold
inner join reversal
    on
        {{ same_key('sold', 'reversal', ['pays_on', 'source_system', 'origin_key', 'employee_id', 'currency']) }}
        and sold.sold_to > reversal.back_to + reversal.document_amount
        and reversal.back_to > sold.sold_to - sold.document_amount
