"""DoseBench: scores the dosing controller that ships against industrial baselines and a clairvoyant bound.

Plant, products, targets, metrics and baselines: reference note "devices", section 4.3; gates: DESIGN.md, section 6. The
one room of the simulators that imports `device_drivers`: it drives `run_dose` itself, under its own supervisor.
"""
