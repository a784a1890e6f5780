"""Who works here: sign-in, today's fitness, who is on duty. Names and PINs stay in the vault."""
