"""What a run knows of its files: the ledger, how files come into it, and what is counted from it."""
