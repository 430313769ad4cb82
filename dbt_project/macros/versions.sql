{#-
    All versions of a versioned entity's records, every source: those of user-shaped sources as they landed (`mapped_version`),
    and for each staging model that derives periods from versions itself two at most: the period as it was first known, open,
    and as it ended, learnt with the load that brought what came next.

    entity: canonical entity. staging_models: with `ended_load_id` beside the contract's columns.
    columns: what the record says, without source_key, valid_from and valid_to.
-#}
{% macro record_versions(entity, staging_models, columns) -%}
    select
        source_system,
        source_key,
        record_key,
        version_seq,
        load_id,
        {{ columns | join(', ') }},
        valid_from,
        valid_to,
        is_deleted
    from {{ source('mapped_version', entity) }}
    {%- for name in staging_models %}
    {%- for ended in [false, true] %}

    union all

    select
        source_system,
        source_key,
        source_key || '|' || cast(valid_from as varchar) as record_key,
        {{ 2 if ended else 1 }} as version_seq,
        {{ 'ended_load_id' if ended else 'load_id' }} as load_id,
        {{ columns | join(', ') }},
        valid_from,
        {{ 'valid_to' if ended else "case when ended_load_id <> load_id then date '9999-12-31' else valid_to end" }} as valid_to,
        false as is_deleted
    from {{ ref(name) }}
    {%- if ended %}
    where ended_load_id <> load_id
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#-
    Versions numbered and dated: one row per record and version that said something new, with `version_number` and the
    moments between which it was what we knew (`recorded_from`, `recorded_to`; null: unknown, or still so); `is_latest`.

    versions: relation with source_system, record_key, version_seq, load_id, valid_from, valid_to, is_deleted.
    columns: what counts as content beside the dates and the deletion.
-#}
{% macro recorded_versions(versions, columns) -%}
    {%- set content = 'row(' ~ (columns | join(', ')) ~ ', valid_from, valid_to)' -%}
    {%- set said = 'row(is_deleted, case when not is_deleted then ' ~ content ~ ' end)' -%}
    select
        *,
        row_number() over (partition by source_system, record_key order by version_seq) as version_number,
        lead(recorded_from) over (partition by source_system, record_key order by version_seq) as recorded_to,
        lead(version_seq) over (partition by source_system, record_key order by version_seq) is null as is_latest
    from (
        -- landed again without saying anything new: the first time counts
        select single.*, moment.recorded_at as recorded_from
        from (
            -- a key that stands twice in one file: the gate names it; here one of them speaks
            select *
            from {{ versions }}
            qualify row_number() over (
                partition by source_system, record_key, version_seq order by {{ content }}, source_key
            ) = 1
        ) as single
        left join {{ ref('int_load_moment') }} as moment
            on single.source_system = moment.source_system and single.load_id = moment.load_id
        qualify
            {{ said }} is distinct from lag({{ said }}) over (
                partition by single.source_system, single.record_key order by single.version_seq
            )
    ) as news
{%- endmacro %}
