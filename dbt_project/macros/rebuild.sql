{#-
    Rebuilding only what may have changed.

    Large models are incremental by thirds of a month (of the day their facts belong to), by month or by period. The first
    build, a build with `--full-refresh` and one whose code, configuration or predecessor does not allow it make everything
    anew (`pipelines/warehouse/rebuild.py` decides); any other replaces the rows of the thirds, months or
    periods in the models `rebuilt_*` and leaves the rest alone. Those come from fingerprints of everything the
    facts of that time are made from, so the result equals a full build, however late or early a record comes.
-#}

{#- The first day of a day's month; what has no day has a month of its own. -#}
{% macro month_of(day) -%}
    coalesce(cast(date_trunc('month', {{ day }}) as date), date '1900-01-01')
{%- endmacro %}

{#- The first day of a day's third of its month: the 1st, 11th or 21st; what has no day has a third of its own. -#}
{% macro third_of(day) -%}
    coalesce(
        cast(date_trunc('month', {{ day }}) as date) + 10 * least((cast(day({{ day }}) as integer) - 1) // 10, 2),
        date '1900-01-01'
    )
{%- endmacro %}

{#- The first day of the third of a month after the one that begins on this day. -#}
{% macro next_third(first_day) -%}
    {{ third_of(first_day ~ ' + 11') }}
{%- endmacro %}

{#- The first day of the stretch a day falls in: a third of a month, or a month, as the model `rebuilt` has them. -#}
{% macro rebuilt_stretch_of(day, rebuilt) -%}
    {{ third_of(day) if rebuilt.endswith('_third') else month_of(day) }}
{%- endmacro %}

{#- Condition on the rows an incremental model makes: those of rebuilt days. True in a full build. -#}
{% macro in_rebuilt_days(day, rebuilt='rebuilt_third') -%}
    {%- set relation = ref(rebuilt) -%}
    {%- if is_incremental() -%}
    {{ rebuilt_stretch_of(day, rebuilt) }} in (select first_day from {{ relation }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#-
    As above for days that are known, and quicker where rows are read or worked out from millions of facts: what lies before
    the first rebuilt day is passed over.
-#}
{% macro on_rebuilt_days(day, rebuilt='rebuilt_third') -%}
    {%- set relation = ref(rebuilt) -%}
    {{ in_rebuilt_days(day, rebuilt) }}
    {%- if is_incremental() %}
    and {{ day }} >= (select min(first_day) from {{ relation }})
    {%- endif -%}
{%- endmacro %}

{#- A large table without the rows of other than rebuilt days, to select from. All of it in a full build. -#}
{% macro rows_of_rebuilt_days(relation, day, rebuilt='rebuilt_third') -%}
    {%- if is_incremental() -%}
    (
        select * from {{ relation }} where {{ on_rebuilt_days(day, rebuilt) }}
        union all
        select * from {{ relation }} where {{ day }} is null and {{ in_rebuilt_days(day, rebuilt) }}
    )
    {%- else -%}
    {# so that dbt knows of the reference in every build -#}
    {%- do ref(rebuilt) -%}
    {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#- For `pre_hook`: takes the rows of rebuilt days out before they are made anew. -#}
{% macro forget_rebuilt_days(day, rebuilt='rebuilt_third') -%}
    {%- set relation = ref(rebuilt) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ on_rebuilt_days(day, rebuilt) }};
    delete from {{ this }} where {{ day }} is null and {{ in_rebuilt_days(day, rebuilt) }}
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
