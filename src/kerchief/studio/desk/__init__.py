"""The files under review: their plans, with undo, and what became of each."""
