"""The wires: byte-exact device protocols in front of the plant, each on a real socket or pty."""
