{#- The key of the person behind a user id; user 1 is the system itself and owns nothing. -#}
{% macro odoo_user_key(user_id) -%}
    case when {{ user_id }} > 1 then 'user:' || {{ user_id }} end
{%- endmacro %}

{#- -1 for credit notes, whose amounts Odoo shows positive. -#}
{% macro odoo_sign(move) -%}
    case when {{ move }}.move_type = 'out_refund' then -1 else 1 end
{%- endmacro %}

{#- open, won or lost: a lost opportunity is archived, a won one is in a winning stage or at 100 percent. -#}
{% macro odoo_deal_status(lead, stage) -%}
    case
        when not coalesce({{ lead }}.active, true) then 'lost'
        when coalesce({{ stage }}.is_won, false) or {{ lead }}.probability >= 100 then 'won'
        else 'open'
    end
{%- endmacro %}

{#- The contract's activity type from what an activity type (or meeting) is called: names are translated. -#}
{% macro odoo_activity_type(name, category) -%}
    case
        when regexp_matches(lower({{ name }}), 'visit|拜访|上门') then 'visit'
        when {{ category }} = 'meeting' then 'meeting'
        when {{ category }} = 'phonecall' or regexp_matches(lower({{ name }}), 'call|phone|电话') then 'call'
        when regexp_matches(lower({{ name }}), 'mail|邮件') then 'mail'
        when regexp_matches(lower({{ name }}), 'meeting|会议') then 'meeting'
        else 'task'
    end
{%- endmacro %}

{#- The currency of every own company; `main_id` is the source's first company, which owns records without one. -#}
{% macro odoo_company_currency() -%}
    select
        own._source, own.id as company_id, k.name, min(own.id) over (partition by own._source) as main_id
    from {{ latest_version(source('odoo', 'company')) }} as own
    inner join {{ latest_version(source('odoo', 'currency')) }} as k
        on k._source = own._source and k.id = own.currency_id
    where not own._deleted
{%- endmacro %}

{#-
    Every record of a stream as it was last seen alive, with `deleted_on`: the day of the sync that missed it, null
    while it exists. For people and units, whose history stays when Odoo forgets them.
-#}
{% macro odoo_last_known(stream) -%}
    (
        select alive.*, gone.deleted_on
        from (
            select * from {{ source('odoo', stream) }} where not _deleted
            qualify rank() over (partition by _source, _key order by _seq desc) = 1
        ) as alive
        left join (
            select t._source, t._key, min({{ company_date('noticed.finished_at') }}) as deleted_on
            from {{ latest_version(source('odoo', stream)) }} as t
            inner join {{ source('landing', 'sync_log') }} as noticed
                on noticed.source_system = t._source and noticed.load_id = t._load_id
                    and noticed.stream = '{{ stream }}'
            where t._deleted
            group by t._source, t._key
        ) as gone on gone._source = alive._source and gone._key = alive._key
    )
{%- endmacro %}
