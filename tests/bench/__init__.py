"""Wall-clock figures and their ratios to baselines of the same run: `make bench`. Never part of the tests."""
