"""One unit's life: planned, started, scanned, dosed, weighed, signed; stopped, parked or discarded on the way."""
