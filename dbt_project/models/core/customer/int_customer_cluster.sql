-- Grain: one row per customer record, with the cluster it belongs to.
-- Two sure keys join records: the same tax id; the same e-mail domain with the same normalised name and kind of party.
-- A domain and name that records of two different tax ids carry says nothing about those (two companies of a group) and
-- joins only the records without one. So a domain and name lead to at most one tax id and a cluster is found in one
-- step: its tax id, else the tax id its domain and name lead to, else the domain and name, else the record alone.
with evidence as (
    select
        source_system,
        source_key,
        tax_id_normalised,
        case
            when email_domain is not null and name_normalised is not null
                then party_type || '|' || email_domain || '|' || name_normalised
        end as domain_and_name
    from {{ ref('int_customer_record') }}
),

tax_id_of as (
    select
        domain_and_name,
        case when count(distinct tax_id_normalised) = 1 then min(tax_id_normalised) end as tax_id
    from evidence
    where domain_and_name is not null
    group by domain_and_name
)

select
    evidence.source_system,
    evidence.source_key,
    evidence.tax_id_normalised,
    evidence.domain_and_name,
    case
        when evidence.tax_id_normalised is not null then 'tax_id|' || evidence.tax_id_normalised
        when tax_id_of.tax_id is not null then 'tax_id|' || tax_id_of.tax_id
        when evidence.domain_and_name is not null then 'domain|' || evidence.domain_and_name
        else 'record|' || evidence.source_system || '|' || evidence.source_key
    end as cluster
from evidence
left join tax_id_of
    on evidence.domain_and_name = tax_id_of.domain_and_name
