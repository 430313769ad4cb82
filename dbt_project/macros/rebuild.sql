{#-
    Rebuilding only what may have changed.

    Large models are incremental by month (of the day their facts belong to) or by period. The first build, a build with
    `--full-refresh` and one whose code, configuration or predecessor does not allow it make everything anew
    (`pipelines/warehouse/rebuild.py` decides); any other replaces the rows of the months or
    periods in the models `rebuilt_*` and leaves the rest alone. Those come from fingerprints of everything the
    facts of a month are made from, so the result equals a full build, however late or early a record comes.
-#}

{#- The first day of a day's month; what has no day has a month of its own. -#}
{% macro month_of(day) -%}
    coalesce(cast(date_trunc('month', {{ day }}) as date), date '1900-01-01')
{%- endmacro %}

{#- Condition on the rows an incremental model makes: those of rebuilt months. True in a full build. -#}
{% macro in_rebuilt_months(day, months='rebuilt_month') -%}
    {%- set relation = ref(months) -%}
    {%- if is_incremental() -%}
    {{ month_of(day) }} in (select month_start from {{ relation }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#-
    As above for days that are known, and quicker where they are worked out from millions of facts: the first rebuilt month
    is looked for where the facts are read, the others after it.
-#}
{% macro on_rebuilt_days(day, months='rebuilt_month') -%}
    {%- set relation = ref(months) -%}
    {{ in_rebuilt_months(day, months) }}
    {%- if is_incremental() %}
    and {{ day }} >= (select min(month_start) from {{ relation }})
    {%- endif -%}
{%- endmacro %}

{#-
    Said beside `in_rebuilt_months` of days that a stored table has: what lies before all rebuilt months need not be read.
-#}
{% macro since_rebuilt_months(day, months='rebuilt_month') -%}
    {%- set relation = ref(months) -%}
    {%- if is_incremental() -%}
    ({{ day }} is null or {{ day }} >= (select min(month_start) from {{ relation }}))
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#- For `pre_hook`: takes the rows of rebuilt months out before they are made anew. -#}
{% macro forget_rebuilt_months(day, months='rebuilt_month') -%}
    {%- set relation = ref(months) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ month_of(day) }} in (select month_start from {{ relation }})
    {%- endif -%}
{%- endmacro %}

{#- As above, for rows of a period (columns period_type, period_start of `relation`). -#}
{% macro in_rebuilt_periods(relation, periods='rebuilt_period') -%}
    {%- set rebuilt = ref(periods) -%}
    {%- if is_incremental() -%}
    ({{ relation }}.period_type, {{ relation }}.period_start) in (select (period_type, period_start) from {{ rebuilt }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#- Condition on days that spares an incremental model the facts before all rebuilt periods. True in a full build. -#}
{% macro since_rebuilt_periods(day, periods='rebuilt_period') -%}
    {%- set rebuilt = ref(periods) -%}
    {%- if is_incremental() -%}
    {{ day }} >= (select min(period_start) from {{ rebuilt }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{% macro forget_rebuilt_periods(periods='rebuilt_period') -%}
    {%- set rebuilt = ref(periods) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where (period_type, period_start) in (select (period_type, period_start) from {{ rebuilt }})
    {%- endif -%}
{%- endmacro %}

{#- Count and content of the rows of a group, whatever their order. `row`: a table alias or columns. -#}
{% macro fingerprint(row) -%}
    cast(count(*) as bigint) as row_count, cast(sum({{ row_hash(row) }}) as varchar) as content
{%- endmacro %}

{% macro row_hash(row) -%}
    {{ return(adapter.dispatch('row_hash')(row)) }}
{%- endmacro %}

{% macro default__row_hash(row) -%}
    hash({{ row }})
{%- endmacro %}

{#- What differs between a fingerprint now and the one of the last complete build; `keys`: what identifies a part. -#}
{% macro changed_parts(now, before, keys) -%}
    select distinct
        {%- for key in keys %}
        coalesce(now.{{ key }}, before.{{ key }}) as {{ key }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ now }} as now
    full outer join {{ before }} as before
        on {{ same_key('now', 'before', ['component'] + keys) }}
    where now.content is distinct from before.content or now.row_count is distinct from before.row_count
{%- endmacro %}
