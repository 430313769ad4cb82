{#- Net amount of a line of a Zoho CRM document: what is left after the line's discount, without tax. -#}
{% macro zoho_crm_line_amount(item) -%}
    cast(
        coalesce(
            cast({{ item }} ->> 'Total_After_Discount' as decimal(28, 6)),
            cast({{ item }} ->> 'Total' as decimal(28, 6))
            - coalesce(cast({{ item }} ->> 'Discount' as decimal(28, 6)), 0)
        ) as decimal(28, 6)
    )
{%- endmacro %}
