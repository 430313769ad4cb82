{#-
    The latest landed version of every key of a landing relation. `rank`, not `row_number`: two rows of one key inside
    one file have the same `_seq` and both stay, so that the gate sees the duplicate instead of a silent choice.
-#}
{% macro latest_version(relation) -%}
    (select * from {{ relation }} qualify rank() over (partition by _source, _key order by _seq desc) = 1)
{%- endmacro %}
