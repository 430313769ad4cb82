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
            {%- if existing is not none %} drop {{ existing.type }} {{ existing }}; {% endif -%}
            {{ create_table_as(False, target, query_unless_empty(compiled_code, config.get('empty_unless'))) }}
        {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

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

    The rows of a key (`part_by`, one column or several with commas between) lie together in one of many parts. A part whose
    rows are not those the query gives now, in number or content, is taken out and written anew. So the table equals
    what the query gives, whatever the query reads: no fingerprint of its inputs is needed. The query runs twice.
    A first build, one with `--full-refresh` and one whose code or configuration is not that of the last make everything.
-#}
{% materialization table_by_parts, adapter='duckdb' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table or should_full_refresh() -%}
        {{ return(materialization_table_duckdb()) }}
    {%- endif -%}
    {%- set changed = 'changed_part__' ~ this.identifier -%}
    {%- set columns = adapter.get_columns_in_relation(existing) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        create or replace temporary table {{ changed }} as {{ differing_parts(compiled_code, existing, columns) }};
        delete from {{ existing }} where {{ part_of_row() }} in (select part from {{ changed }});
        insert into {{ existing }} ({{ columns | map(attribute='quoted') | join(', ') }})
        select {{ columns | map(attribute='quoted') | join(', ') }} from (
            {{ compiled_code }}
        ) as made
        where {{ part_of_row() }} in (select part from {{ changed }});
        drop table {{ changed }};
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [existing]}) }}
{%- endmaterialization %}

{#- The part a row lies in. A night's new records should touch few of them, and their sums be quick to compare. -#}
{% macro part_of_row() -%} {{ row_hash(config.require('part_by')) }} % 1048576 {%- endmacro %}

{#- Parts whose rows the query gives in another number or with another content than `existing` holds. -#}
{% macro differing_parts(query, existing, columns) -%}
    {%- set typed = [] -%}
    {%- for column in columns -%}
        {%- do typed.append('cast(' ~ column.quoted ~ ' as ' ~ column.data_type ~ ')') -%}
    {%- endfor -%}
    select coalesce(now.part, before.part) as part
    from (
        select {{ part_of_row() }} as part, count(*) as row_count, sum({{ row_hash(typed | join(', ')) }}) as content
        from (
            {{ query }}
        ) as made
        group by part
    ) as now
    full outer join (
        select
            {{ part_of_row() }} as part,
            count(*) as row_count,
            sum({{ row_hash(columns | map(attribute='quoted') | join(', ')) }}) as content
        from {{ existing }}
        group by part
    ) as before
        on now.part = before.part
    where now.row_count is distinct from before.row_count or now.content is distinct from before.content
{%- endmacro %}
