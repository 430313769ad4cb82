{#-
    a / b rounded half up (away from zero) to 9 decimals, without ever becoming a float; null when b is zero or null.

    scale_a, scale_b: decimals that a and b carry at most; scale_a may exceed scale_b by 9. Both must fit 38 digits
    once scaled (29 digits before the point at scale 9).
-#}
{% macro decimal_divide(a, b, scale_a=9, scale_b=9) -%}
    {{ return(adapter.dispatch('decimal_divide')(a, b, scale_a, scale_b)) }}
{%- endmacro %}

{% macro default__decimal_divide(a, b, scale_a, scale_b) -%}
    round(cast({{ a }} as decimal(38, {{ scale_a }})) / nullif(cast({{ b }} as decimal(38, {{ scale_b }})), 0), 9)
{%- endmacro %}

{#- DuckDB divides decimals as doubles, so the quotient is taken on whole numbers of the smallest unit. -#}
{% macro duckdb__decimal_divide(a, b, scale_a, scale_b) -%}
    {%- set dividend -%}
        ({{ whole_number(a, scale_a) }} * {{ 10 ** (9 + scale_b - scale_a) }}::hugeint)
    {%- endset -%}
    {%- set divisor = whole_number(b, scale_b) -%}
    cast(
        cast(
            sign({{ a }}) * sign({{ b }})
            * ((2 * abs({{ dividend }}) + abs({{ divisor }})) // nullif(2 * abs({{ divisor }}), 0))
            as decimal(38, 0)
        ) * cast('0.000000001' as decimal(9, 9))
        as decimal(38, 9)
    )
{%- endmacro %}

{#- x * 10 ** scale as a whole number; split at the point so that no intermediate exceeds 38 digits. -#}
{% macro whole_number(x, scale) -%}
    (
        cast(trunc(cast({{ x }} as decimal(38, {{ scale }}))) as hugeint) * {{ 10 ** scale }}::hugeint
        + cast(
            (cast({{ x }} as decimal(38, {{ scale }})) - trunc(cast({{ x }} as decimal(38, {{ scale }}))))
            * {{ 10 ** scale }}::bigint as hugeint
        )
    )
{%- endmacro %}

{#-
    An amount times a rate or a share, rounded half up to 6 decimals. Multiplying such numbers is slow, and most of them are
    multiplied by one: what is in the reporting currency already, what one person has all of.
-#}
{% macro amount_times(amount, factor) -%}
    case
        when {{ factor }} = 1 then cast({{ amount }} as decimal(28, 6))
        else cast({{ amount }} * {{ factor }} as decimal(28, 6))
    end
{%- endmacro %}

{#-
    One share's part of an amount, rounded to 6 decimals. Where the shares of `partition_by` sum to one the last row by
    `order_by` takes the remainder, so the parts add up to the amount exactly; where they do not, nothing is made up and
    the gate sees the difference.
-#}
{% macro part_of_amount(amount, share, partition_by, order_by) -%}
    {%- set part = amount_times(amount, share) -%}
    case
        when
            sum({{ share }}) over (partition by {{ partition_by }}) = 1
            and row_number() over (partition by {{ partition_by }} order by {{ order_by }} desc) = 1
            then cast(
                {{ amount }}
                - (
                    sum({{ part }}) over (partition by {{ partition_by }})
                    - {{ part }}
                )
                as decimal(28, 6)
            )
        else {{ part }}
    end
{%- endmacro %}
