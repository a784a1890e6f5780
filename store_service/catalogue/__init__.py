"""The registers in force: products, lot status, envelopes, staff, roster and rule parameters, as head office signed them."""
