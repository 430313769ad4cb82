-- Grain: one row per person. The person is the Odoo user where there is one, since documents name users.
select
    p._source as source_system,
    p.person_key as source_key,
    p.load_id,
    p.employee_number,
    p.person_name as employee_name,
    p.email,
    coalesce(p.job_title, j.name) as job_title,
    p.hired_date,
    p.left_date,
    false as is_deleted
from {{ ref('stg_odoo__person') }} as p
left join {{ latest_version(source('odoo', 'job')) }} as j on j._source = p._source and j.id = p.job_id
where p.is_main
