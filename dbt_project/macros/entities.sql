{#- Names of the canonical entities. dbt must know every ref while it parses, before it knows the models, hence a list;
    a test compares it with the contracts. -#}
{% macro canonical_entities() -%}
    {{ return([
        'activity', 'assignment', 'contact', 'contract', 'credit_split', 'customer_record', 'employee',
        'employment_event', 'exchange_rate', 'headcount_plan', 'invoice', 'invoice_line', 'lead', 'market_size', 'opportunity', 'org_unit',
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
