"""The shop's side of docs/protocol.md: push the log, pull the registers, sign nothing that head office contradicts."""
