"""The demo: a bench, a shop and a head office on one machine, and the people who would work there. All fictional."""
