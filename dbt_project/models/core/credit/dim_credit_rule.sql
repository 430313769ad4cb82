-- Grain: one row per value of `credit_rule` in the facts, with its meaning in words.
with built_in as (
    {% for rule, zh, en in [
        ('explicit_split', '按订单上登记的分成比例', 'Shares recorded for the order'),
        ('order_owner', '订单的销售员', 'Salesperson of the order'),
        ('opportunity_owner', '订单来源商机的负责人', 'Owner of the deal the order came from'),
        ('account_owner', '客户的负责人（以最近所知为准）', 'Owner of the customer, as last known'),
        ('invoice_owner', '发票的销售员（发票不对应任何已知订单）', 'Salesperson of the invoice, which bills no known order'),
        ('payment_owner', '收款登记的销售员（收款不对应任何已知发票）', 'Salesperson of the payment, which pays no known invoice'),
        ('invoice', '与所付发票的分配相同', 'The shares of the invoice paid'),
        ('return', '退货：冲回原订单行的分配', 'Return: the shares of the line it returns from'),
        ('reversal', '红字：冲回原发票的分配', 'Reversal: the shares of the invoice reversed'),
        ('unassigned', '没有规则能确定归属人', 'No rule names anybody'),
    ] %}
    select '{{ rule }}' as credit_rule, '{{ zh }}' as text_zh, '{{ en }}' as text_en
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

condition as (
    select
        kind,
        territory_id,
        {{ join_text("field || ' = ' || accepted", ' + ', 'field') }} as text
    from (
        select kind, territory_id, field, {{ join_text('value', ' / ', 'value') }} as accepted
        from {{ source('config', 'territory_condition') }}
        group by kind, territory_id, field
    ) as field
    group by kind, territory_id
)

select
    built_in.credit_rule,
    'rule' as kind,
    configured.position as rule_position,
    cast(null as varchar) as territory_id,
    cast(null as varchar) as name_zh,
    cast(null as varchar) as name_en,
    built_in.text_zh,
    built_in.text_en
from built_in
left join (
    select rule, min(position) as position from {{ source('config', 'credit_rule') }} group by rule
) as configured
    on built_in.credit_rule = configured.rule

union all

select
    territory.kind || ':' || territory.territory_id as credit_rule,
    territory.kind,
    case when territory.kind = 'territory' then configured.position end as rule_position,
    territory.territory_id,
    coalesce(territory.name_zh, territory.name_en) as name_zh,
    coalesce(territory.name_en, territory.name_zh) as name_en,
    case territory.kind when 'territory' then '区域「' else '叠加业绩「' end
    || coalesce(territory.name_zh, territory.name_en) || '」：' || condition.text || '，归'
    || coalesce('员工 ' || territory.employee_ref, '单元 ' || territory.unit_ref || ' 当日的负责人') as text_zh,
    case territory.kind when 'territory' then 'Territory "' else 'Overlay "' end
    || coalesce(territory.name_en, territory.name_zh) || '": ' || condition.text || ', credited to '
    || coalesce('employee ' || territory.employee_ref, 'the head of unit ' || territory.unit_ref || ' on the day')
        as text_en
from {{ source('config', 'territory') }} as territory
inner join condition
    on territory.kind = condition.kind and territory.territory_id = condition.territory_id
left join (
    select min(position) as position from {{ source('config', 'credit_rule') }} where rule = 'territory'
) as configured
    on true
