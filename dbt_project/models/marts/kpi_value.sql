{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_periods() }}") }}
-- Grain: one row per subject, period, metric and org view.
-- Whoever is posted in a period has a row for every metric that judges the role held, every unit that stands and the
-- company one for every metric; others where something happened or a target is set.
-- There are tens of millions of rows in a large company, so they are put together by number (`point_no`) and get their
-- names at the end.
{% set point_no = '((subject_no * 1000 + metric_no) * 2 + view_no) * 10000 + period_no' %}
{% set lengths = "case known.period_type when 'month' then -1 when 'quarter' then -3 else -12 end" %}
with org_view as (
    select 'as_was' as org_view, 0 as view_no
    union all
    select 'as_is' as org_view, 1 as view_no
),

numbered_period as (
    select
        *,
        row_number() over (order by period_type, period_start) as period_no
    from {{ ref('int_period') }}
),

-- with the periods each is compared with; one that still runs is compared with nothing: it would look like a fall
period as (
    select
        known.*,
        previous.period_no as previous_no,
        year_ago.period_no as year_ago_no
    from numbered_period as known
    {% for name, months in [('previous', lengths), ('year_ago', '-12')] %}
    left join numbered_period as {{ name }}
        on
            known.is_complete
            and known.period_type = {{ name }}.period_type
            and {{ name }}.period_start = {{ add_months('known.period_start', months) }}
    {% endfor %}
),

rebuilt as (
    select * from period
    where {{ in_rebuilt_periods('period') }}
),

metric as (
    select
        *,
        row_number() over (order by metric) as metric_no
    from {{ ref('metric_registry') }}
),

-- a role that no metric knows is judged by all that judge anybody
judged as (
    select
        role.role,
        metric.metric_no
    from (select distinct role from {{ ref('dim_assignment') }}) as role
    inner join metric
        on metric.roles is not null
    where
        list_contains(string_split(metric.roles, '|'), role.role)
        or role.role is null
        or not exists (
            select 1
            from metric as other
            where list_contains(string_split(other.roles, '|'), role.role)
        )
),

recorded_value as (
    select
        subject_type, subject_id, period_type, period_start, metric, org_view, numerator, denominator, grey_numerator
    from {{ ref('int_metric_subject') }} as summed
    where {{ in_rebuilt_periods('summed') }}

    union all

    select subject_type, subject_id, period_type, period_start, metric, org_view, numerator, denominator, null
    from {{ ref('int_metric_direct') }} as direct
    where {{ in_rebuilt_periods('direct') }}
),

subject as (
    select
        subject_type,
        subject_id,
        row_number() over (order by subject_type, subject_id) as subject_no
    from (
        select 'employee' as subject_type, employee_id as subject_id from {{ ref('dim_assignment') }}
        union distinct
        select 'org_unit', org_unit_id from {{ ref('dim_org_unit') }}
        union distinct
        select 'company', 'company'
        union distinct
        select subject_type, subject_id from recorded_value
        union distinct
        select subject_type, subject_id from {{ ref('int_target') }}
        {% if is_incremental() %}
        union distinct
        select subject_type, subject_id from {{ this }}
        {% endif %}
    ) as named
),

done as (
    select
        subject.subject_no,
        metric.metric_no,
        org_view.view_no,
        rebuilt.period_no,
        {{ point_no }} as point_no,
        recorded_value.numerator,
        recorded_value.denominator,
        recorded_value.grey_numerator
    from recorded_value
    inner join rebuilt
        on recorded_value.period_type = rebuilt.period_type and recorded_value.period_start = rebuilt.period_start
    inner join metric
        on recorded_value.metric = metric.metric
    inner join subject
        on recorded_value.subject_type = subject.subject_type and recorded_value.subject_id = subject.subject_id
    inner join org_view
        on recorded_value.org_view = org_view.org_view
),

aimed as (
    select
        subject.subject_no,
        metric.metric_no,
        org_view.view_no,
        rebuilt.period_no,
        {{ point_no }} as point_no,
        target.target_value,
        target.target_version
    from {{ ref('int_target') }} as target
    inner join rebuilt
        on target.period_type = rebuilt.period_type and target.period_start = rebuilt.period_start
    inner join metric
        on target.metric = metric.metric
    inner join subject
        on target.subject_type = subject.subject_type and target.subject_id = subject.subject_id
    cross join org_view
),

present as (
    select subject.subject_no, judged.metric_no, rebuilt.period_no
    from rebuilt
    inner join {{ ref('dim_assignment') }} as assignment
        on assignment.valid_from < rebuilt.next_period_start and rebuilt.period_start < assignment.valid_to
    inner join judged
        on assignment.role is not distinct from judged.role
    inner join subject
        on subject.subject_type = 'employee' and assignment.employee_id = subject.subject_id

    union all

    select subject.subject_no, metric.metric_no, rebuilt.period_no
    from rebuilt
    inner join {{ ref('dim_org_unit') }} as unit
        on unit.valid_from < rebuilt.next_period_start and rebuilt.period_start < unit.valid_to
    inner join subject
        on subject.subject_type = 'org_unit' and unit.org_unit_id = subject.subject_id
    cross join metric
    where unit.org_unit_id <> 'unassigned'

    union all

    select subject.subject_no, metric.metric_no, rebuilt.period_no
    from rebuilt
    cross join metric
    inner join subject
        on subject.subject_type = 'company'
),

grid as (
    select
        present.subject_no,
        present.metric_no,
        org_view.view_no,
        present.period_no,
        {{ point_no }} as point_no
    from present
    cross join org_view

    union distinct

    select subject_no, metric_no, view_no, period_no, point_no from done

    union distinct

    select subject_no, metric_no, view_no, period_no, point_no from aimed
),

-- whoever records a purchase knows who did not come back, be it nobody
known_metric as (
    select metric.metric_no
    from metric
    inner join (
        select metric from {{ ref('int_metric_subject') }}
        union distinct
        select metric from {{ ref('int_metric_direct') }}
    ) as recorded
        on coalesce(metric.known_by, metric.metric) = recorded.metric
),

measured as (
    select
        grid.*,
        metric.aggregation,
        aimed.target_value as target,
        aimed.target_version,
        -- where the company has data for the metric, nothing done is 0 done
        case
            when metric.aggregation = 'subject' then done.numerator
            when known_metric.metric_no is not null then coalesce(done.numerator, 0)
        end as numerator,
        case
            when metric.aggregation = 'subject' then done.denominator
            when metric.aggregation = 'ratio' and known_metric.metric_no is not null then coalesce(done.denominator, 0)
        end as denominator,
        coalesce(done.grey_numerator, 0) as grey_numerator
    from grid
    inner join metric
        on grid.metric_no = metric.metric_no
    left join known_metric
        on grid.metric_no = known_metric.metric_no
    left join done
        on grid.point_no = done.point_no
    left join aimed
        on grid.point_no = aimed.point_no
),

-- read three times below, and a quotient of large decimals is slow to reckon
valued as materialized (
    select
        point_no,
        subject_no,
        metric_no,
        view_no,
        period_no,
        numerator,
        denominator,
        grey_numerator,
        target,
        target_version,
        case
            when aggregation = 'ratio' or denominator is not null then {{ decimal_divide('numerator', 'denominator') }}
            else numerator
        end as value
    from measured
),

-- what a period is compared with, as it stands after this build
compared as (
    select point_no, value
    from valued
    where value is not null
    {% if is_incremental() %}
    union all
    select {{ point_no }}, kept.value
    from {{ this }} as kept
    inner join period
        on kept.period_type = period.period_type and kept.period_start = period.period_start
    inner join metric
        on kept.metric = metric.metric
    inner join subject
        on kept.subject_type = subject.subject_type and kept.subject_id = subject.subject_id
    inner join org_view
        on kept.org_view = org_view.org_view
    where
        kept.value is not null
        and period.period_no in (select previous_no from rebuilt union all select year_ago_no from rebuilt)
    {% endif %}
),

grown as (
    select
        valued.*,
        previous.value as previous_value,
        year_ago.value as year_ago_value
    from valued
    inner join period
        on valued.period_no = period.period_no
    {% for name in ['previous', 'year_ago'] %}
    left join compared as {{ name }}
        on valued.point_no - valued.period_no + period.{{ name }}_no = {{ name }}.point_no
    {% endfor %}
)

select
    subject.subject_type,
    subject.subject_id,
    rebuilt.period_type,
    rebuilt.period_start,
    rebuilt.period_end,
    metric.metric,
    org_view.org_view,
    cast(grown.value as decimal(28, 9)) as value,
    case when grown.value is null then 'no_data' else 'ok' end as value_status,
    -- merging can only take counts away, so all grey pairs merged gives the least and none merged (the value) the most
    cast(case when metric.uncertainty = 'identity' then grown.value - grown.grey_numerator end as decimal(28, 9))
        as value_low,
    cast(case when metric.uncertainty = 'identity' then grown.value end as decimal(28, 9)) as value_high,
    cast(grown.numerator as decimal(28, 9)) as numerator,
    cast(grown.denominator as decimal(28, 9)) as denominator,
    grown.target,
    grown.target_version,
    -- from the unrounded quotient: value / target would round twice
    cast(
        case
            when grown.target is not null
                then {{ decimal_divide('grown.numerator', 'coalesce(grown.denominator, 1) * grown.target') }}
        end
        as decimal(28, 9)
    ) as attainment,
    case
        when grown.target is null then 'no_target'
        when grown.value is null then 'no_data'
        when grown.target = 0 then 'not_applicable'
        else 'ok'
    end as attainment_status,
    cast(grown.previous_value as decimal(28, 9)) as previous_value,
    cast(
        case
            when grown.previous_value > 0
                then {{ decimal_divide('grown.value - grown.previous_value', 'grown.previous_value') }}
        end
        as decimal(28, 9)
    ) as previous_growth,
    cast(grown.year_ago_value as decimal(28, 9)) as year_ago_value,
    cast(
        case
            when grown.year_ago_value > 0
                then {{ decimal_divide('grown.value - grown.year_ago_value', 'grown.year_ago_value') }}
        end
        as decimal(28, 9)
    ) as year_ago_growth
from grown
inner join rebuilt
    on grown.period_no = rebuilt.period_no
inner join metric
    on grown.metric_no = metric.metric_no
inner join subject
    on grown.subject_no = subject.subject_no
inner join org_view
    on grown.view_no = org_view.view_no
