"""What is likely to come: deals won, bookings, leads converted. Pure functions over Arrow tables, bodies of dbt models.

Input is sorted before anything is trained, and results are rounded to fixed decimals, so equal input in any order and
on any number of threads gives equal rows. Libraries that take seconds to load are imported where they are used.
"""
