"""The registers in force, as head office signed them: products, lots, envelopes, staff, roster, rule parameters."""
