"""Retained samples and their custody; what a finished container lost or gained."""
