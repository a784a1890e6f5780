"""The vault: everything personal, in a file of its own, each record under its own key. Never read by `rebuild`."""
