{#-
    The families of metrics. A family's events are in `int_metric_event_<family>`; `int_metric_period_<family>` holds what
    is asked of a whole period (who was there when it began, what stood open when it ended), `int_metric_direct_<family>`
    what does not add up over people and is worked out for each subject. A new family is a name in these lists.
-#}
{% macro event_families() -%} {{ return(['sales', 'customer', 'selling', 'activity', 'service']) }} {%- endmacro %}
{% macro period_families() -%} {{ return(['sales', 'customer', 'selling', 'activity', 'people']) }} {%- endmacro %}
{% macro direct_families() -%} {{ return(['customer', 'selling', 'people', 'appraisal', 'market']) }} {%- endmacro %}

{#-
    One metric's rows of an event family, one per row of `relation` (columns employee_id, customer_key, source_system,
    source_key). Additive metrics have a numerator only; ratios add to numerator and denominator. `grey_numerator` is the
    part of the numerator that falls away if all customers joined by undecided (grey) pairs are one.
-#}
{% macro metric_event(
    metric, relation, event_date, numerator, entity, denominator='null', grey_numerator='null', where='true'
) -%}
    select
        '{{ metric }}' as metric,
        employee_id,
        customer_key,
        {{ event_date }} as event_date,
        cast({{ numerator }} as decimal(38, 9)) as numerator,
        cast({{ denominator }} as decimal(38, 9)) as denominator,
        cast({{ grey_numerator }} as decimal(38, 9)) as grey_numerator,
        '{{ entity }}' as source_entity,
        source_system,
        source_key
    from {{ relation }}
    where {{ where }}
{%- endmacro %}

{#-
    One metric's rows of a period family, one per row of `relation` (columns as above and period_type, period_start). They
    count in that period alone. `org_day`: the day inside the period on which the employee's unit and the tree count.
-#}
{% macro metric_period_event(
    metric, relation, org_day, numerator, entity, denominator='null', grey_numerator='null', where='true'
) -%}
    select
        '{{ metric }}' as metric,
        employee_id,
        customer_key,
        period_type,
        period_start,
        {{ org_day }} as org_day,
        cast({{ numerator }} as decimal(38, 9)) as numerator,
        cast({{ denominator }} as decimal(38, 9)) as denominator,
        cast({{ grey_numerator }} as decimal(38, 9)) as grey_numerator,
        '{{ entity }}' as source_entity,
        source_system,
        source_key
    from {{ relation }}
    where {{ where }}
{%- endmacro %}

{#- The periods, each with the day on which what stands at its end is asked (`last_day`): of a running one today. -#}
{% macro asked_periods(last_day) -%}
    select
        period.period_type,
        period.period_start,
        least(period.period_end, company.as_of_date) as {{ last_day }}
    from {{ ref('int_period') }} as period
    cross join {{ source('config', 'company') }} as company
{%- endmacro %}

{#-
    What is asked of periods of the sales family; `receivable`: rows of `int_receivable_credit`, or sums of those no period
    tells apart.
-#}
{% macro sales_asked_of_periods(receivable) -%}
    with period as ({{ asked_periods('last_date') }}),

    due as (
        select
            period.period_type,
            period.period_start,
            period.last_date as org_day,
            receivable.source_system,
            receivable.source_key,
            receivable.customer_key,
            receivable.employee_id,
            receivable.credited_amount
        from {{ receivable }} as receivable
        inner join period
            on receivable.valid_from <= period.last_date and period.last_date < receivable.valid_to
        where receivable.is_open or receivable.due_date >= period.period_start
    )

    {{ metric_period_event('overdue_receivables', 'due', 'org_day', 'credited_amount', 'invoice') }}
{%- endmacro %}

{#- The first day, from this one on, on which a period is asked about its end: the last of a month or the as-of date. -#}
{% macro asked_day(day, as_of_date) -%}
    case
        when {{ day }} <= {{ as_of_date }}
            then least({{ add_days(add_months('date_trunc(\'month\', ' ~ day ~ ')', 1), -1) }}, {{ as_of_date }})
        else date '9999-12-31'
    end
{%- endmacro %}

{#- All events of these families. -#}
{% macro events_of(families) -%}
    {%- for family in families %}
    select * from {{ ref('int_metric_event_' ~ family) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Joins the posting of a row's employee on a day: one at most holds. -#}
{% macro join_posting(relation, day) -%}
    left join {{ ref('int_posting') }} as posting
        on
            {{ relation }}.employee_id = posting.employee_id
            and {{ relation }}.{{ day }} >= posting.valid_from
            and {{ relation }}.{{ day }} < posting.valid_to
{%- endmacro %}

{#- The events of these families, each with the unit its employee was posted to that day. -#}
{% macro placed_events(families) -%}
    select
        event.metric,
        event.employee_id,
        coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
        event.customer_key,
        event.event_date,
        event.numerator,
        event.denominator,
        event.grey_numerator,
        event.source_entity,
        event.source_system,
        event.source_key
    from ({{ events_of(families) }}) as event
    {{ join_posting('event', 'event_date') }}
{%- endmacro %}

{#-
    Those events up to today that meet a condition, summed per metric, employee, unit and day. The unit follows from employee
    and day, so it is looked up for the sums, far fewer than the events.
-#}
{% macro daily_sums(families, condition='true') -%}
    select
        summed.metric,
        summed.employee_id,
        coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
        summed.event_date,
        summed.numerator,
        summed.denominator,
        summed.grey_numerator
    from (
        select
            event.metric,
            event.employee_id,
            event.event_date,
            cast(sum(event.numerator) as decimal(38, 9)) as numerator,
            cast(sum(event.denominator) as decimal(38, 9)) as denominator,
            cast(sum(event.grey_numerator) as decimal(38, 9)) as grey_numerator
        from ({{ events_of(families) }}) as event
        cross join {{ source('config', 'company') }} as company
        where event.event_date <= company.as_of_date and {{ condition }}
        group by event.metric, event.employee_id, event.event_date
    ) as summed
    {{ join_posting('summed', 'event_date') }}
{%- endmacro %}

{#-
    Sums of `measures` per subject, org view and `keys` over `relation` (columns employee_id, org_unit_id, event_date, the
    keys and the measures). Units take what their people did: `as_was` in the unit and tree of the day, `as_is` in today's.
    What each employee did is summed once and kept, because most subjects are sums of it.
-#}
{% macro by_subject(relation, keys, measures) -%}
    {%- set key_list = keys | join(', ') -%}
    {%- set sums = [] -%}
    {%- for measure in measures -%}
        {%- do sums.append('cast(sum(' ~ measure ~ ') as decimal(38, 9)) as ' ~ measure) -%}
    {%- endfor -%}
    {%- set sums = sums | join(', ') -%}
    select * from (
        with per_employee as materialized (
            select employee_id, {{ key_list }}, {{ sums }} from {{ relation }} group by employee_id, {{ key_list }}
        ),

        -- what no tree has a part in is the same in both views
        without_tree as (
            select 'employee' as subject_type, employee_id as subject_id, {{ key_list }}, {{ measures | join(', ') }}
            from per_employee

            union all

            select 'company', 'company', {{ key_list }}, {{ sums }}
            from per_employee
            group by {{ key_list }}
        )

        select without_tree.subject_type, without_tree.subject_id, org_view.org_view, {{ key_list }},
            {{ measures | join(', ') }}
        from without_tree
        cross join (select 'as_was' as org_view union all select 'as_is') as org_view

        union all

        select 'org_unit', ancestor.ancestor_id, 'as_was', {{ key_list }}, {{ sums }}
        from {{ relation }} as addition
        inner join {{ ref('int_unit_ancestor') }} as ancestor
            on
                addition.org_unit_id = ancestor.org_unit_id
                and addition.event_date >= ancestor.valid_from
                and addition.event_date < ancestor.valid_to
        group by ancestor.ancestor_id, {{ key_list }}

        union all

        select 'org_unit', living_line.ancestor_id, 'as_is', {{ key_list }}, {{ sums }}
        from per_employee
        inner join {{ ref('int_employee_today') }} as today
            on per_employee.employee_id = today.employee_id
        inner join (
            select ancestor.org_unit_id, ancestor.ancestor_id
            from {{ ref('int_unit_ancestor') }} as ancestor
            cross join {{ source('config', 'company') }} as company
            where ancestor.valid_from <= company.as_of_date and company.as_of_date < ancestor.valid_to
        ) as living_line
            on today.org_unit_id = living_line.org_unit_id
        group by living_line.ancestor_id, {{ key_list }}
    ) as by_subject
{%- endmacro %}
