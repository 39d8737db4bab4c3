"""Where a stream comes from: a process of its own opens it, and opens it again when it was lost."""
