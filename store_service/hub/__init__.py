"""What only head office has: witness and mirror of every shop's log, the feed, the fleet board, signed registers."""
