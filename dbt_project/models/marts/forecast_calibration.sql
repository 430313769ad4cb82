-- Grain: one row per method and tenth of probability, judged on deals the model had not seen; bin 0 is all of them.
with told as (
    {% for method in ['base_rate', 'stage_rate', 'logistic'] %}
    select '{{ method }}' as method, is_won, {{ method }} as probability, base_rate
    from {{ ref('int_win_backtest') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

binned as (
    select
        *,
        -- a tenth holds its lower end; 1 itself belongs to the last
        cast(least(floor(probability * 10), 9) as integer) + 1 as bin
    from told
),

counted as (
    select method, bin, is_won, probability, base_rate from binned
    union all
    select method, 0, is_won, probability, base_rate from binned
)

select
    counted.method,
    counted.bin,
    cast(case when counted.bin > 0 then (counted.bin - 1) * 0.1 else 0 end as decimal(9, 6)) as probability_from,
    cast(case when counted.bin > 0 then counted.bin * 0.1 else 1 end as decimal(9, 6)) as probability_to,
    count(*) as snapshots,
    cast(sum(counted.is_won) as bigint) as won,
    cast({{ decimal_divide('sum(counted.probability)', 'count(*)') }} as decimal(18, 9)) as mean_probability,
    cast({{ decimal_divide('sum(counted.is_won)', 'count(*)') }} as decimal(18, 9)) as won_share,
    cast({{ decimal_divide(
        'sum(cast((counted.probability - counted.is_won) * (counted.probability - counted.is_won) as decimal(28, 9)))',
        'count(*)'
    ) }} as decimal(18, 9)) as brier_score,
    cast({{ decimal_divide(
        'sum(cast((counted.base_rate - counted.is_won) * (counted.base_rate - counted.is_won) as decimal(28, 9)))',
        'count(*)'
    ) }} as decimal(18, 9)) as base_rate_brier_score,
    counted.method = max(model.method) as is_used
from counted
cross join {{ ref('int_win_model') }} as model
group by counted.method, counted.bin
