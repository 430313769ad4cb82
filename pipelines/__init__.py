"""Orchestration: the company folder, Dagster definitions, the build, publishing and the command line."""
