"""A large company, made by SQL: what the sources of 4,000 salespeople and 10 million order lines deliver.

The benchmark company of `connectors.sandbox` is exact and made object by object; here only sizes and shapes matter.
Every value is a function of the row's number, so a company is the same wherever it is made. `fill` writes what has
landed until yesterday, `add_night` what one night brings: orders of the last day and corrections of recent ones. The
night is an ordinary one, in mid-month: no period ends with it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

FIRST_DAY = date(2022, 11, 21)
YEARS = 3
FIRST_QUARTER = date(2023, 1, 1)
"""From here on people have targets."""
LINES_PER_ORDER = 4
NIGHT = 0.01
"""Share of all order lines that come in the one night."""
UNITS_PER_LEVEL = (1, 8, 40, 400)
"""Company, divisions, regions, teams."""


@dataclass(frozen=True)
class LargeCompany:
    """How large; everything else follows.

    lines: order lines, the night's included. employees: all of them salespeople or managers.
    """

    lines: int = 10_000_000
    employees: int = 4_000

    @property
    def orders(self) -> int:
        """Orders, the night's included."""
        return self.lines // LINES_PER_ORDER

    @property
    def night_orders(self) -> int:
        """New orders of the night."""
        return int(self.orders * NIGHT)

    @property
    def customers(self) -> int:
        """Customers of the ERP; a fifth of them are in the CRM too."""
        return max(self.employees * 8, 100)

    @property
    def opportunities(self) -> int:
        """Opportunities of the CRM."""
        return self.employees * 50

    @property
    def last_day(self) -> date:
        """The day the company's books stand at."""
        return FIRST_DAY.replace(year=FIRST_DAY.year + YEARS) - timedelta(days=1)

    @property
    def days(self) -> int:
        """Days before the last one: those of which everything has landed."""
        return (self.last_day - FIRST_DAY).days


def fill(con: duckdb.DuckDBPyConnection, company: LargeCompany) -> None:
    """Adds the company's rows to the empty tables `landing.mapped__<entity>`, those of the night left out."""
    con.execute(f"create or replace macro pick(number, salt, choices) as {_PICK}")
    before = company.orders - company.night_orders
    for entity, select in _standing(company).items():
        _insert(con, entity, select)
    for entity, select in _sales(company, 0, before, "load-1").items():
        _insert(con, entity, select)
    for entity, select in _selling(company, night=False).items():
        _insert(con, entity, select)


def add_night(con: duckdb.DuckDBPyConnection, company: LargeCompany) -> None:
    """One night: orders of the last day with all that follows, deals, activities, and corrections of the last month."""
    con.execute(f"create or replace macro pick(number, salt, choices) as {_PICK}")
    before = company.orders - company.night_orders
    for entity, select in _sales(company, before, company.orders, "load-2").items():
        _insert(con, entity, select)
    for entity, select in _selling(company, night=True).items():
        _insert(con, entity, select)
    number = "cast(substr(order_key, 2) as bigint)"
    con.execute(
        "update landing.mapped__sales_order_line set net_amount = net_amount + 1, load_id = 'load-2' "
        f"where load_id = 'load-1' and {number} >= {before - before // (YEARS * 12)} and {number} % 100 = 7"
    )


_PICK = "cast(hash(number, salt) % choices as integer)"


def _insert(con: duckdb.DuckDBPyConnection, entity: str, select: str) -> None:
    table = f"landing.mapped__{entity}"
    con.execute(f"insert into {table} by name select *, false as is_deleted from ({select})")
    versions = f"landing.mapped_version__{entity}"
    known = con.execute(
        "select 1 from duckdb_tables() where schema_name || '.' || table_name = ?", [versions]
    ).fetchall()
    if known:
        con.execute(
            f"insert into {versions} by name select *, false as is_deleted, "
            f"'0:book:' || source_key as record_key, 1 as version_seq from ({select})"
        )


def _standing(company: LargeCompany) -> dict[str, str]:
    """What does not change in the night, by entity."""
    first = f"date '{FIRST_DAY}'"
    levels = [
        f"select {level} as level, range as number from range({count})" for level, count in enumerate(UNITS_PER_LEVEL)
    ]
    kinds = ["company", "division", "region", "team"]
    named = " ".join(f"when {level} then '{kind}'" for level, kind in enumerate(kinds))
    parents = [
        f"when {level} then 'U{level - 1}-' || (number % {UNITS_PER_LEVEL[level - 1]})"
        for level in range(1, len(UNITS_PER_LEVEL))
    ]
    teams = UNITS_PER_LEVEL[-1]
    hr = "'hr' as source_system, 'load-1' as load_id"
    staff, customers = company.employees, company.customers
    return {
        "org_unit": f"""
            select {hr}, 'U' || level || '-' || number as source_key, 'U' || level || '-' || number as unit_code,
                'Unit ' || level || '-' || number as unit_name,
                case level {named} end as unit_type,
                case level {" ".join(parents)} end as parent_unit_key,
                date '2020-01-01' as valid_from, date '9999-12-31' as valid_to
            from ({" union all ".join(levels)})""",
        "employee": f"""
            select source_system, 'load-1' as load_id, prefix || range as source_key, 'E' || range as employee_number,
                'Person ' || range as employee_name, 'e' || range || '@example.com' as email,
                date '2020-01-01' as hired_date
            from range({staff}),
                (values ('hr', 'E'), ('erp', 'u'), ('crm', '005')) as system (source_system, prefix)""",
        # every tenth moves to another team in the middle of the three years
        "assignment": f"""
            select {hr}, 'E' || range || '|1' as source_key, 'E' || range as employee_key,
                'U3-' || (range % {teams}) as unit_key, 'sales_rep' as role, true as is_primary,
                date '2020-01-01' as valid_from,
                case when range % 10 = 3 then {first} + {company.days // 2} else date '9999-12-31' end as valid_to
            from range({staff})
            union all by name
            select {hr}, 'E' || range || '|2' as source_key, 'E' || range as employee_key,
                'U3-' || ((range + 7) % {teams}) as unit_key, 'sales_rep' as role, true as is_primary,
                {first} + {company.days // 2} as valid_from, date '9999-12-31' as valid_to
            from range({staff}) where range % 10 = 3""",
        "customer_record": f"""
            select source_system, 'load-1' as load_id, 'C' || range as source_key, 'organisation' as party_type,
                'Company ' || md5(cast(range as varchar))[:12] || ' Ltd' as customer_name,
                'R' || (100000000 + range) as registry_id, 'CN' as country,
                'City ' || pick(range, 1, 30) as city, 'Industry ' || pick(range, 2, 12) as industry,
                prefix || pick(range, 3, {staff}) as owner_employee_key,
                {first} - 200 + pick(range, 4, {company.days}) as created_date
            from range({customers}), (values ('erp', 'u', 1), ('crm', '005', 5)) as system (source_system, prefix, part)
            where range % part = 0""",
        "product": """
            select 'erp' as source_system, 'load-1' as load_id, 'P' || range as source_key,
                'P' || range as product_code, 'Product ' || range as product_name,
                'Category ' || (range % 25) as category,
                cast(10 + range % 400 as decimal(28, 6)) as standard_cost, 'CNY' as cost_currency
            from range(5000)""",
        "exchange_rate": f"""
            select {hr}, currency || range as source_key, currency, 'CNY' as quote_currency,
                {first} - 30 + cast(range as integer) as rate_date,
                cast(base + pick(range, 5, 1000) / 10000 as decimal(18, 9)) as rate
            from range({company.days + 31}), (values ('USD', 7.1), ('EUR', 7.8)) as quoted (currency, base)""",
        "target": f"""
            select {hr}, 'T' || range || '|' || quarter as source_key, 'employee' as subject_type,
                'E' || range as subject_ref, 'bookings' as metric, 'quarter' as period_type,
                cast(date '{FIRST_QUARTER}' + to_months(cast(3 * quarter as integer)) as date) as period_start,
                cast(100000 + pick(range, 15, 900) * 1000 as decimal(28, 6)) as target_value, 1 as version
            from range({staff}), range({YEARS * 4}) as each (quarter)""",
    }


def _sales(company: LargeCompany, start: int, stop: int, load_id: str) -> dict[str, str]:
    """Orders numbered from `start` to before `stop` with all that follows from them, by entity."""
    before = company.orders - company.night_orders
    day = f"least(date '{FIRST_DAY}' + cast(number * {company.days} // {before} as integer), date '{company.last_day}')"
    erp = f"'erp' as source_system, '{load_id}' as load_id"
    currency = "['CNY', 'CNY', 'CNY', 'CNY', 'USD', 'EUR'][1 + pick(number, 20, 6)]"
    customer = f"'C' || pick(number, 21, {company.customers})"
    owner = f"'u' || pick(number, 22, {company.employees})"
    amount = "cast(20 + pick(4 * number + line, 23, 900000) / 100 as decimal(28, 6))"
    orders = f"(select range as number from range({start}, {stop}))"
    lines = f"(select range // {LINES_PER_ORDER} as number, range % {LINES_PER_ORDER} as line from range(" + (
        f"{start * LINES_PER_ORDER}, {stop * LINES_PER_ORDER}))"
    )
    billed = "pick(number, 24, 20) > 0"
    # one invoice of a hundred is never paid, of the last year's one of ten is not paid yet
    paid = f"pick(number, 32, 100) >= case when number < {before - before // YEARS} then 1 else 10 end"
    # the last line of every thirtieth order returns the first one of the order
    returns = "number % 30 = 4 and line = 3"
    net = f"case when {returns} then -cast(20 + pick(4 * number, 23, 900000) / 100 as decimal(28, 6)) else {amount} end"
    total = " + ".join(f"(select {net} from (select {line} as line))" for line in range(LINES_PER_ORDER))
    quantity = f"cast(case when {returns} then -1 else 1 + pick(4 * number + line, 28, 9) end as decimal(28, 6))"
    return {
        "sales_order": f"""
            select {erp}, 'S' || number as source_key, 'SO' || number as order_number,
                {customer} as customer_record_key,
                case when pick(number, 25, 50) > 0 then {owner} end as owner_employee_key,
                case when pick(number, 26, 40) = 0 then 'cancelled' else 'confirmed' end as status,
                {day} as order_date, {currency} as currency
            from {orders}""",
        "sales_order_line": f"""
            select {erp}, 'L' || number || '-' || line as source_key, 'S' || number as order_key,
                cast(line + 1 as integer) as line_number, 'P' || pick(4 * number + line, 27, 5000) as product_key,
                {quantity} as quantity,
                {net} as net_amount, cast(pick(4 * number + line, 29, 4) * 5 as decimal(9, 6)) as discount_pct,
                case when {returns} then 'L' || number || '-0' end as returned_line_key
            from {lines}""",
        "credit_split": f"""
            select 'hr' as source_system, '{load_id}' as load_id, 'S' || number || '|' || part as source_key,
                'SO' || number as order_key, 'E' || pick(number + part, 22, {company.employees}) as employee_key,
                cast(0.5 as decimal(9, 6)) as credit_share
            from {orders}, range(2) as each (part) where number % 40 = 11""",
        "invoice": f"""
            select {erp}, 'I' || number as source_key, 'INV' || number as invoice_number, 'invoice' as invoice_type,
                {customer} as customer_record_key, {owner} as owner_employee_key, 'S' || number as order_key,
                'posted' as status, {day} as invoice_date, {day} + 30 as due_date, {currency} as currency
            from {orders} where {billed}""",
        "invoice_line": f"""
            select {erp}, 'I' || number || '-' || line as source_key, 'I' || number as invoice_key,
                'L' || number || '-' || line as order_line_key,
                {quantity} as quantity, {net} as net_amount
            from {lines} where {billed}""",
        "payment": f"""
            select {erp}, 'Z' || number as source_key, {customer} as customer_record_key, 'I' || number as invoice_key,
                'posted' as status, least({day} + pick(number, 30, 60), date '{company.last_day}') as payment_date,
                {currency} as currency, cast({total} as decimal(28, 6)) as amount
            from {orders} where {billed} and {paid}""",
    }


def _selling(company: LargeCompany, night: bool) -> dict[str, str]:
    """Deals and activities until the last day, or those of the night, by entity."""
    staff, customers = company.employees, company.customers
    crm = f"'crm' as source_system, 'load-{2 if night else 1}' as load_id"
    deals = _part(company.opportunities, night)
    activities = _part(staff * 300, night)
    first, last, new = f"date '{FIRST_DAY}'", f"date '{company.last_day}'", "true" if night else "false"
    created = last if night else f"{first} + pick(range, 10, {company.days - 100})"
    done = last if night else f"{first} + pick(range, 14, {company.days})"
    return {
        "opportunity": f"""
            select {crm}, 'D' || range as source_key, 'Deal ' || range as opportunity_name,
                'C' || (5 * pick(range, 6, {customers // 5})) as customer_record_key,
                '005' || pick(range, 7, {staff}) as owner_employee_key,
                case status when 'won' then 'Closed Won' when 'lost' then 'Closed Lost' else 'Prospecting' end
                    as stage,
                status, cast(1000 + pick(range, 8, 90000) as decimal(28, 6)) as amount, 'CNY' as currency, created_date,
                created_date + 60 as expected_close_date,
                case when status <> 'open' then created_date + 10 + pick(range, 9, 80) end as closed_date
            from (
                select range, {created} as created_date,
                    case
                        when {new} or pick(range, 11, 10) = 0 then 'open'
                        when pick(range, 11, 10) < 4 then 'won'
                        else 'lost'
                    end as status
                from range({deals[0]}, {deals[1]})
            )""",
        "stage_event": f"""
            select {crm}, 'D' || range || '|' || step as source_key, 'D' || range as opportunity_key, stage,
                '005' || pick(range, 7, {staff}) as owner_employee_key,
                cast({created} as timestamp) + to_days(step * 9) + interval 9 hour as entered_at
            from range({deals[0]}, {deals[1]}),
                (values (0, 'Prospecting'), (1, 'Proposal')) as entered (step, stage)""",
        "activity": f"""
            select {crm}, 'A' || range as source_key,
                ['visit', 'call', 'meeting'][1 + pick(range, 12, 3)] as activity_type,
                '005' || (range % {staff}) as employee_key,
                'C' || (5 * pick(range, 13, {customers // 5})) as customer_record_key,
                {done} as activity_date, 'done' as status
            from range({activities[0]}, {activities[1]})""",
    }


def _part(count: int, night: bool) -> tuple[int, int]:
    """Numbers from and to (exclusive) of what has landed before the night, or in it."""
    before = count - int(count * NIGHT)
    return (before, count) if night else (0, before)
