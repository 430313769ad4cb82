"""A made-up vendor with one kind of record: the smallest connector that passes the acceptance kit.

docs/connectors.md shows these files as they are here.
"""
