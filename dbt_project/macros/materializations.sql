{#-
    A table, dropped and made within one transaction. dbt-duckdb's own way makes it under another name and renames twice,
    which two hundred tables a night pay for; nobody reads a candidate while it is made. What a model in Python returns is
    written outside the transaction, so it gets another name first.

    `empty_unless`: a model ('int_line_territory') or source ('config.territory') each row of the table comes from. While
    that has no rows, neither has the table, and its query is spared.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] -%}
    {%- set language = model['language'] -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set outside = make_intermediate_relation(target) -%}

    {%- if language == 'python' -%} {%- do drop_relation_if_exists(load_cached_relation(outside)) -%} {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if language == 'python' -%}
        {%- call statement('main', language=language) -%}
            {{- create_table_as(False, outside, compiled_code, language) }}
        {%- endcall -%}
        {%- do drop_relation_if_exists(existing) -%}
        {%- do adapter.rename_relation(outside, target) -%}
    {%- else -%}
        {%- call statement('main') -%}
            {{ made_anew(existing, target, query_unless_empty(compiled_code, config.get('empty_unless'))) }}
        {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{#- A view, replaced in one statement, for the same reason. -#}
{% materialization view, adapter='duckdb' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {%- if existing is not none and not existing.is_view %} drop {{ existing.type }} {{ existing }}; {% endif -%}
        {%- if config.get('contract').enforced %} {{ get_assert_columns_equivalent(compiled_code) }} {% endif -%}
        create or replace view {{ target }} as (
            {{ compiled_code }}
        )
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{% macro made_anew(existing, target, query) -%}
    {%- if existing is not none %} drop {{ existing.type }} {{ existing }}; {% endif -%}
    {{ create_table_as(False, target, query) }}
{%- endmacro %}

{#- The query, or where it has nothing to work on one that gives its columns alone: DuckDB does not run that. -#}
{% macro query_unless_empty(query, needed) -%}
    {%- if needed -%}
        {%- set name = needed.split('.') -%}
        {%- set relation = source(name[0], name[1]) if name | length == 2 else ref(needed) -%}
        {%- if not run_query('select 1 from ' ~ relation ~ ' limit 1').rows -%}
            {{ return('select * from (' ~ query ~ ') as made limit 0') }}
        {%- endif -%}
    {%- endif -%}
    {{ return(query) }}
{%- endmacro %}

{#-
    A table of which a build after the first replaces only what differs: where making rows is cheap, writing them is most of
    what millions of them cost.

    The rows of a key (`part_by`, one column or several with commas between) lie together in one of many parts. Number and
    content of the rows of each part are kept beside the table (`<table>__part`). A part of which the query gives other
    rows now is taken out and written anew. So the table equals what the query gives, whatever the query reads: no
    fingerprint of its inputs is needed. The query runs twice.
    A first build, one with `--full-refresh` and one whose code or configuration is not that of the last make everything.
-#}
{% materialization table_by_parts, adapter='duckdb' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set parts = target.incorporate(path={'identifier': this.identifier ~ '__part'}) -%}
    {%- set sums_of_rows = sums_of_parts('select * from ' ~ target, '*columns(*)') -%}
    {%- set is_first = existing is none or not existing.is_table or should_full_refresh() -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {%- if is_first -%}
            {{ made_anew(existing, target, compiled_code) }};
            create or replace table {{ parts }} as {{ sums_of_rows }};
        {%- else -%}
            create table if not exists {{ parts }} as {{ sums_of_rows }};
            {{ replace_changed_parts(target, parts, compiled_code) }}
        {%- endif -%}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{% macro replace_changed_parts(target, parts, query) -%}
    {%- set columns = adapter.get_columns_in_relation(target) -%}
    {%- set names = columns | map(attribute='quoted') | join(', ') -%}
    {%- set typed = [] -%}
    {%- for column in columns -%}
        {%- do typed.append('cast(' ~ column.quoted ~ ' as ' ~ column.data_type ~ ')') -%}
    {%- endfor -%}
    {%- set now, changed = target.identifier ~ '__part_now', target.identifier ~ '__part_changed' -%}
    create or replace temporary table {{ now }} as {{ sums_of_parts(query, typed | join(', ')) }};
    create or replace temporary table {{ changed }} as
    select coalesce(now.part, before.part) as part
    from {{ now }} as now
    full outer join {{ parts }} as before
        on now.part = before.part
    where now.row_count is distinct from before.row_count or now.content is distinct from before.content;
    delete from {{ target }} where {{ part_of_row() }} in (select part from {{ changed }});
    insert into {{ target }} ({{ names }})
    select {{ names }} from (
        {{ query }}
    ) as made
    where {{ part_of_row() }} in (select part from {{ changed }});
    create or replace table {{ parts }} as from {{ now }};
    drop table {{ now }};
    drop table {{ changed }};
{%- endmacro %}

{#- The part a row lies in. A night's new records should touch few of them, and their sums be quick to compare. -#}
{% macro part_of_row() -%} {{ row_hash(config.require('part_by')) }} % 1048576 {%- endmacro %}

{#- Number and content of the rows of each part. -#}
{% macro sums_of_parts(query, columns) -%}
    select {{ part_of_row() }} as part, count(*) as row_count, sum({{ row_hash(columns) }}) as content
    from (
        {{ query }}
    ) as made
    group by part
{%- endmacro %}
