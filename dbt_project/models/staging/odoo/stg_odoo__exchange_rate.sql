-- Grain: one row per currency, company currency and day on which either's rate changes. Odoo states units of a
-- currency for one unit of a common base; the price in company currency is the base rate of the company's currency
-- over that of the other.
with rates as (
    select r._source, r._load_id, r.company_id, r.currency_id, r.name as rate_date, r.rate
    from {{ latest_version(source('odoo', 'currency_rate')) }} as r
    where not r._deleted and r.rate > 0
),

companies as (
    select c._source, c.id as company_id, c.currency_id, k.name as currency
    from {{ latest_version(source('odoo', 'company')) }} as c
    inner join {{ latest_version(source('odoo', 'currency')) }} as k on k._source = c._source and k.id = c.currency_id
    where not c._deleted
),

seen as (
    select
        c._source, c.company_id, c.currency_id as quote_id, c.currency as quote,
        r.currency_id, r.rate_date, r.rate, r._load_id
    from companies as c
    inner join rates as r on r._source = c._source and coalesce(r.company_id, c.company_id) = c.company_id
),

-- a currency is priced anew on its own days and, once it has a rate, on the days the company's currency has a new one
days as (
    select _source, company_id, quote_id, quote, currency_id, rate_date from seen where currency_id <> quote_id
    union
    select s._source, s.company_id, s.quote_id, s.quote, o.currency_id, s.rate_date
    from seen as s
    inner join (
        select _source, company_id, currency_id, min(rate_date) as first_date from seen group by all
    ) as o on o._source = s._source and o.company_id = s.company_id and o.first_date <= s.rate_date
    where s.currency_id = s.quote_id and o.currency_id <> s.quote_id
),

priced as (
    select d._source, d.company_id, d.quote, d.currency_id, d.rate_date, r.rate, r._load_id, q.rate as quote_rate
    from days as d
    asof join seen as r
        on
            r._source = d._source and r.company_id = d.company_id and r.currency_id = d.currency_id
            and d.rate_date >= r.rate_date
    asof left join seen as q
        on
            q._source = d._source and q.company_id = d.company_id and q.currency_id = d.quote_id
            and d.rate_date >= q.rate_date
)

select
    p._source as source_system,
    k.name || '/' || p.quote || ':' || strftime(p.rate_date, '%Y-%m-%d') as source_key,
    p._load_id as load_id,
    k.name as currency,
    p.quote as quote_currency,
    p.rate_date,
    cast({{ decimal_divide('coalesce(p.quote_rate, 1)', 'p.rate', 12, 12) }} as decimal(18, 9)) as rate,
    false as is_deleted
from priced as p
inner join {{ latest_version(source('odoo', 'currency')) }} as k on k._source = p._source and k.id = p.currency_id
-- companies with one currency may keep a rate each: the first company's holds
qualify row_number() over (partition by p._source, k.name, p.quote, p.rate_date order by p.company_id) = 1
