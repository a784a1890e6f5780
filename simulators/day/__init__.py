"""A day in the shop: consumers served over the public HTTP API, by hands at the simulated bench."""
