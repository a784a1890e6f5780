"""The benches: the only room that reaches device drivers. Weighs, doses, prints; keeps check weighing and cleaning."""
