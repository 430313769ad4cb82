-- Grain: one row per person Odoo knows as staff, and employee record. A person is the user where there is one
-- (documents name users), else the employee record; `is_main` marks the employee record that speaks for a user with
-- several. A table, not a view: several models below read it, and it reads most streams.
{{ config(materialized='table') }}
with users as (
    select *
    from {{ odoo_last_known('user') }} as u
    -- the system user and the template for new users are nobody; portal users are customers
    where u.id > 1 and not coalesce(u.share, false) and u.login not in ('__system__', 'default')
),

employees as (
    select *
    from {{ odoo_last_known('employee') }} as e
),

named as (
    select _source, user_id from {{ latest_version(source('odoo', 'sale_order')) }} as o
    union
    select _source, invoice_user_id from {{ latest_version(source('odoo', 'invoice')) }} as i
    union
    select _source, user_id from {{ latest_version(source('odoo', 'lead')) }} as l
    union
    select _source, user_id from {{ latest_version(source('odoo', 'partner')) }} as p
    union
    select _source, user_id from {{ latest_version(source('odoo', 'activity')) }} as a
    union
    select _source, user_id from {{ latest_version(source('odoo', 'meeting')) }} as m
    union
    select _source, user_id from {{ latest_version(source('odoo', 'crm_team')) }} as t
    union
    select _source, user_id from {{ latest_version(source('odoo', 'crm_team_member')) }} as tm
    union
    select u._source, u.id
    from users as u
    inner join {{ latest_version(source('odoo', 'activity_done')) }} as d
        on d._source = u._source and d.author_id = u.partner_id
)

select
    coalesce(u._source, e._source) as _source,
    case when u.id is not null then 'user:' || u.id else 'employee:' || e.id end as person_key,
    u.id as user_id,
    u.partner_id,
    u.sale_team_id,
    e.id as employee_id,
    e.id is null or row_number() over (
        partition by coalesce(u._source, e._source), coalesce('user:' || u.id, 'employee:' || e.id)
        order by e.deleted_on is null desc, coalesce(e.active, true) desc, e.id
    ) = 1 as is_main,
    coalesce(e.name, u.name, u.login, 'Odoo employee ' || e.id) as person_name,
    coalesce(e.work_email, u.email, case when u.login like '%@%' then u.login end) as email,
    e.barcode as employee_number,
    e.job_title,
    e.job_id,
    e.first_contract_date as hired_date,
    case
        when e.deleted_on is not null and (u.id is null or u.deleted_on is not null) then e.deleted_on
        when e.id is null and u.deleted_on is not null then u.deleted_on
        when coalesce(e.active, u.active, true) then null
        else coalesce(e.departure_date + 1, {{ company_date('coalesce(e.write_date, u.write_date)') }})
    end as left_date,
    coalesce(e._load_id, u._load_id) as load_id
from users as u
full outer join employees as e on e._source = u._source and e.user_id = u.id
where
    e.id is not null
    or u.sale_team_id is not null
    or exists (select 1 from named as n where n._source = u._source and n.user_id = u.id)
