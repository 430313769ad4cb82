"""The gate: suites of rules and the one function that runs them inside the warehouse; no orchestration."""
