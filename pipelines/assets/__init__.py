"""What Dagster shows and runs: one asset per stream, one per dbt model, one per published table."""
