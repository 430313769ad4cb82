"""Customers: one party, one key, across every system. Knows neither Dagster nor dbt."""
