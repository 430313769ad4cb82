"""The benchmark company and the loopback servers that answer as each vendor does; never imported by a connector."""
