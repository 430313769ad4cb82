"""The makers of the customer register (`connectors.sandbox.customers`): who there is, and how five systems write it."""
