{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_periods() }}") }}
-- Grain: one row per subject, period, metric and org view.
{% set series_no = "(subject.subject_no * 1000 + metric.metric_no) * 2 + case org_view when 'as_was' then 0 else 1 end" %}
-- Whoever is posted in a period has a row for every metric that judges the role held, every unit that stands and the
-- company one for every metric; others where something happened or a target is set.
with org_view as (
    select 'as_was' as org_view
    union all
    select 'as_is' as org_view
),

period as (
    select * from {{ ref('int_period') }} as known
    where {{ in_rebuilt_periods('known') }}
),

-- a role that no metric knows is judged by all that judge anybody
judged as (
    select
        role.role,
        registry.metric
    from (select distinct role from {{ ref('dim_assignment') }}) as role
    inner join {{ ref('metric_registry') }} as registry
        on registry.roles is not null
    where
        list_contains(string_split(registry.roles, '|'), role.role)
        or role.role is null
        or not exists (
            select 1
            from {{ ref('metric_registry') }} as other
            where list_contains(string_split(other.roles, '|'), role.role)
        )
),

present as (
    select distinct
        'employee' as subject_type,
        assignment.employee_id as subject_id,
        period.period_type,
        period.period_start,
        judged.metric
    from period
    inner join {{ ref('dim_assignment') }} as assignment
        on assignment.valid_from < period.next_period_start and period.period_start < assignment.valid_to
    inner join judged
        on assignment.role is not distinct from judged.role

    union all

    select distinct
        'org_unit',
        unit.org_unit_id,
        period.period_type,
        period.period_start,
        registry.metric
    from period
    inner join {{ ref('dim_org_unit') }} as unit
        on unit.valid_from < period.next_period_start and period.period_start < unit.valid_to
    cross join {{ ref('metric_registry') }} as registry
    where unit.org_unit_id <> 'unassigned'

    union all

    select 'company', 'company', period.period_type, period.period_start, registry.metric
    from period
    cross join {{ ref('metric_registry') }} as registry
),

done as (
    select
        subject_type, subject_id, period_type, period_start, metric, org_view, numerator, denominator, grey_numerator
    from {{ ref('int_metric_subject') }} as summed
    where {{ in_rebuilt_periods('summed') }}

    union all

    select subject_type, subject_id, period_type, period_start, metric, org_view, numerator, denominator, null
    from {{ ref('int_metric_direct') }} as direct
    where {{ in_rebuilt_periods('direct') }}
),

grid as (
    select present.*, org_view.org_view
    from present
    cross join org_view

    union distinct

    select subject_type, subject_id, period_type, period_start, metric, org_view
    from done

    union distinct

    select target.subject_type, target.subject_id, target.period_type, target.period_start, target.metric, org_view.org_view
    from {{ ref('int_target') }} as target
    inner join period
        on target.period_type = period.period_type and target.period_start = period.period_start
    cross join org_view
),

-- numbers compare faster than names, and most of the work here is comparing periods
subject as (
    select
        subject_type,
        subject_id,
        row_number() over (order by subject_type, subject_id) as subject_no
    from (select distinct subject_type, subject_id from grid) as named
),

metric as (
    select metric, row_number() over (order by metric) as metric_no from {{ ref('metric_registry') }}
),

recorded as (
    select metric from {{ ref('int_metric_subject') }}
    union distinct
    select metric from {{ ref('int_metric_direct') }}
),

-- whoever records a purchase knows who did not come back, be it nobody
known_metric as (
    select registry.metric
    from {{ ref('metric_registry') }} as registry
    inner join recorded
        on coalesce(registry.known_by, registry.metric) = recorded.metric
),

measured as (
    select
        grid.*,
        period.period_end,
        period.next_period_start,
        period.is_complete,
        registry.aggregation,
        registry.uncertainty,
        target.target_value as target,
        target.target_version,
        -- where the company has data for the metric, nothing done is 0 done
        case
            when registry.aggregation = 'subject' then done.numerator
            when known_metric.metric is not null then coalesce(done.numerator, 0)
        end as numerator,
        case
            when registry.aggregation = 'subject' then done.denominator
            when registry.aggregation = 'ratio' and known_metric.metric is not null then coalesce(done.denominator, 0)
        end as denominator,
        coalesce(done.grey_numerator, 0) as grey_numerator
    from grid
    inner join {{ ref('metric_registry') }} as registry
        on grid.metric = registry.metric
    inner join period
        on grid.period_type = period.period_type and grid.period_start = period.period_start
    left join known_metric
        on grid.metric = known_metric.metric
    left join done
        on
            grid.subject_type = done.subject_type
            and grid.subject_id = done.subject_id
            and grid.period_type = done.period_type
            and grid.period_start = done.period_start
            and grid.metric = done.metric
            and grid.org_view = done.org_view
    left join {{ ref('int_target') }} as target
        on
            grid.subject_type = target.subject_type
            and grid.subject_id = target.subject_id
            and grid.period_type = target.period_type
            and grid.period_start = target.period_start
            and grid.metric = target.metric
),

valued as (
    select
        measured.*,
        {{ series_no }} as series_no,
        case
            when aggregation = 'ratio' or denominator is not null then {{ decimal_divide('numerator', 'denominator') }}
            else numerator
        end as value,
        -- from the unrounded quotient: value / target would round twice
        case when target is not null then {{ decimal_divide('numerator', 'coalesce(denominator, 1) * target') }} end as attainment
    from measured
    inner join subject
        on measured.subject_type = subject.subject_type and measured.subject_id = subject.subject_id
    inner join metric
        on measured.metric = metric.metric
),

-- what a period is compared with, as it stands after this build
compared as (
    select series_no, period_type, period_start, value
    from valued
    {% if is_incremental() %}
    union all
    select {{ series_no }}, kept.period_type, kept.period_start, kept.value
    from {{ this }} as kept
    inner join subject
        on kept.subject_type = subject.subject_type and kept.subject_id = subject.subject_id
    inner join metric
        on kept.metric = metric.metric
    {% endif %}
),

-- a period that still runs is compared with nothing: it would look like a fall
grown as (
    select
        valued.*,
        previous.value as previous_value,
        year_ago.value as year_ago_value
    from valued
    {% for name, months in [
        ('previous', "case valued.period_type when 'month' then -1 when 'quarter' then -3 else -12 end"),
        ('year_ago', '-12'),
    ] %}
    left join compared as {{ name }}
        on
            valued.is_complete
            and {{ name }}.period_start = {{ add_months('valued.period_start', months) }}
            and {{ same_key('valued', name, ['period_type', 'series_no']) }}
    {% endfor %}
)

select
    subject_type,
    subject_id,
    period_type,
    period_start,
    period_end,
    metric,
    org_view,
    cast(value as decimal(28, 9)) as value,
    case when value is null then 'no_data' else 'ok' end as value_status,
    -- merging can only take counts away, so all grey pairs merged gives the least and none merged (the value) the most
    cast(case when uncertainty = 'identity' then value - grey_numerator end as decimal(28, 9)) as value_low,
    cast(case when uncertainty = 'identity' then value end as decimal(28, 9)) as value_high,
    cast(numerator as decimal(28, 9)) as numerator,
    cast(denominator as decimal(28, 9)) as denominator,
    target,
    target_version,
    cast(attainment as decimal(28, 9)) as attainment,
    case
        when target is null then 'no_target'
        when value is null then 'no_data'
        when target = 0 then 'not_applicable'
        else 'ok'
    end as attainment_status,
    cast(previous_value as decimal(28, 9)) as previous_value,
    cast(case when previous_value > 0 then {{ decimal_divide('value - previous_value', 'previous_value') }} end
        as decimal(28, 9)) as previous_growth,
    cast(year_ago_value as decimal(28, 9)) as year_ago_value,
    cast(case when year_ago_value > 0 then {{ decimal_divide('value - year_ago_value', 'year_ago_value') }} end
        as decimal(28, 9)) as year_ago_growth
from grown
