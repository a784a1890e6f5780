"""The clerk's face: every screen is a URL that renders the database; every POST calls one command."""
