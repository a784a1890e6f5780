"""Dispensers: pumps that put one channel's product into the cup, all behind `base.Dispenser`."""
