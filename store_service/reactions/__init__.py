"""What comes back after the sale: reactions with their clocks, complaints, returned units, recall calls."""
