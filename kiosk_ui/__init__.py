"""The three faces, rendered on the server. Uses commands and queries, never tables."""
