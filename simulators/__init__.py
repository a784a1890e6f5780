"""Servers on real sockets and ptys that speak a device's wire, in front of one shared plant.

A simulator is not hardware.
"""
