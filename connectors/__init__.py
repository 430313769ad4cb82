"""Connectors: each reads one kind of system and lands its records; nothing here knows Dagster or dbt.

`base` holds the contract every connector keeps, `http` the one way to talk to a web API, `landing` the one way to
write and list load packages, `contracts` and `mapping` what user-shaped systems need to reach canonical entities.
"""
