"""Lots received, containers on the shelf and in dispenser positions, packs, label stock."""
