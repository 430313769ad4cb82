"""Loads the Northwind CSVs into a PostgreSQL database, with the types the original has (floats for money included)."""

from pathlib import Path
from typing import Any

import psycopg

TABLES = {
    "categories": "category_id smallint primary key, category_name varchar(15), description text",
    "products": "product_id smallint primary key, product_name varchar(40), supplier_id smallint, "
    "category_id smallint, "
    "quantity_per_unit varchar(20), unit_price real, units_in_stock smallint, units_on_order smallint, "
    "reorder_level smallint, discontinued integer",
    "customers": "customer_id char(5) primary key, company_name varchar(40), contact_name varchar(30), "
    "contact_title varchar(30), address varchar(60), city varchar(15), region varchar(15), postal_code varchar(10), "
    "country varchar(15), phone varchar(24), fax varchar(24)",
    "employees": "employee_id smallint primary key, last_name varchar(20), first_name varchar(10), title varchar(30), "
    "title_of_courtesy varchar(25), birth_date date, hire_date date, address varchar(60), city varchar(15), "
    "region varchar(15), postal_code varchar(10), country varchar(15), home_phone varchar(24), extension varchar(4), "
    "notes text, reports_to smallint, photo_path varchar(255)",
    "orders": "order_id smallint primary key, customer_id char(5), employee_id smallint, order_date date, "
    "required_date date, shipped_date date, ship_via smallint, freight real, ship_name varchar(40), "
    "ship_address varchar(60), ship_city varchar(15), ship_region varchar(15), ship_postal_code varchar(10), "
    "ship_country varchar(15)",
    "order_details": "order_id smallint, product_id smallint, unit_price real, quantity smallint, discount real, "
    "primary key (order_id, product_id)",
}


def load_northwind(connection: psycopg.Connection[Any], folder: Path) -> None:
    """Create and fill the tables from `<folder>/<table>.csv`."""
    for table, columns in TABLES.items():
        connection.execute(f"create table {table} ({columns})")
        copy = f"copy {table} from stdin with (format csv, header true)"
        with connection.cursor() as cursor, cursor.copy(copy) as rows:
            rows.write((folder / f"{table}.csv").read_bytes())
