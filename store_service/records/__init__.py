"""What happened. Event types, the append-only log, projections and the unit of work: the same code at every site."""
