"""`make bench-customers`: one customer across systems, measured beside plain Splink and rapidfuzz in the same run."""
