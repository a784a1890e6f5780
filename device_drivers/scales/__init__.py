"""Scales: one driver per protocol, all behind `base.Scale`."""
