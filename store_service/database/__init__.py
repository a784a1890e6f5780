"""Engines, column types and migrations. Imports nothing of ours."""
