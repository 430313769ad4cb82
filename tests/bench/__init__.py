"""`make bench`: Scoreline against named alternatives, side by side in one run. Read ratios, not seconds."""
