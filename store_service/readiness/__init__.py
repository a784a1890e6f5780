"""May this shop work now, what is missing, what ends soon; and the second person who signs for a warning."""
