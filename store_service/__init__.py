"""The store service: what a shop runs on, and the hub that its filer runs on. Rooms: docs/decisions/0001."""
