{#- Names of the canonical entities. dbt must know every ref while it parses, before it knows the models, hence a list;
    a test compares it with the contracts. -#}
{% macro canonical_entities() -%}
    {{ return([
        'activity', 'appraisal_action', 'assignment', 'contact', 'contract', 'credit_split', 'customer_record', 'dispute',
        'employee', 'employment_event', 'exchange_rate', 'headcount_plan', 'invoice', 'invoice_line', 'lead', 'market_size',
        'opportunity', 'org_unit',
        'payment', 'product', 'review_rating', 'sales_order', 'sales_order_line', 'service_case', 'stage_event',
        'survey_response', 'target', 'training_record',
    ]) }}
{%- endmacro %}

{#- The relations a canonical entity is the union of, read from its own dependencies: nothing is listed twice. -#}
{% macro entity_inputs(entity) -%}
    {%- set relations = [] -%}
    {%- set inputs = graph.nodes['model.' ~ project_name ~ '.' ~ entity].depends_on.nodes if execute else [] -%}
    {%- for unique_id in inputs | sort -%}
        {%- set input = graph.nodes.get(unique_id) or graph.sources[unique_id] -%}
        {%- do relations.append(api.Relation.create(
            database=input.database, schema=input.schema, identifier=input.get('alias') or input.identifier
        )) -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}

{#- Entities whose records are facts of metrics or ratings: what `appraisal_contribution` can list. -#}
{% macro fact_entities() -%}
    {{ return([
        'activity', 'employee', 'invoice', 'invoice_line', 'lead', 'opportunity', 'payment', 'review_rating', 'sales_order',
        'sales_order_line', 'service_case', 'stage_event', 'survey_response', 'training_record',
    ]) }}
{%- endmacro %}

{#-
    Where an entity's records stand in landing, one row per record and load package: the landing relations themselves where
    their key is the entity's, the staging view (which stores nothing) where the entity's key is composed of several.
-#}
{% macro landed_records(entity) -%}
    {%- set parts = [] -%}
    {%- set inputs = graph.nodes['model.' ~ project_name ~ '.' ~ entity].depends_on.nodes if execute else [] -%}
    {%- for unique_id in inputs | sort -%}
        {%- set input = graph.nodes.get(unique_id) or graph.sources[unique_id] -%}
        {%- set relation = api.Relation.create(
            database=input.database, schema=input.schema, identifier=input.get('alias') or input.identifier
        ) -%}
        {%- if unique_id in graph.nodes and '_key as source_key' in input.raw_code -%}
            {%- for source_id in input.depends_on.nodes | sort
                if source_id in graph.sources and graph.sources[source_id].source_name not in ['config', 'landing', 'mapped'] -%}
                {%- set landed = graph.sources[source_id] -%}
                {%- do parts.append(
                    'select _source as source_system, cast(_key as varchar) as source_key, _load_id as load_id from '
                    ~ api.Relation.create(
                        database=landed.database, schema=landed.schema, identifier=landed.identifier
                    )
                ) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do parts.append('select source_system, source_key, load_id from ' ~ relation) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(parts) }}
{%- endmacro %}
