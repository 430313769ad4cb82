"""Closed periods: their published values stand, and what would change them is booked with its cause.

`night.settle_candidate` runs after every build, before the gate. `settle` does it in the warehouse, `ledger` shares a
change out over causes, `causes` says which inputs belong to which cause, `inputs` reads what a release was made from,
`closing` finds the release that closed a period, `scratch` builds again beside the warehouse. No Dagster here.
"""
