"""The acceptance kit: one list of tests that every connector passes, whatever system it reads.

A connector joins with one module in `peers/`: how to start its sandbox, how to connect, what the truth is, how a user
changes records there, and what the vendor's own signals look like (`peer.Peer`, `peer.HttpPeer`, `peer.Entry`). The
tests (`test_*.py` here) know nothing of any vendor. A test that makes no sense for a connector is named in its entry
with the reason; the report shows it. `make connectors-report` prints connector x test with the faults injected.
"""
