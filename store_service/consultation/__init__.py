"""One consumer's visit: notice, consent, questions, verdict, hand-over. What was answered stays in the vault."""
