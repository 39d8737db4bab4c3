"""Where a covered stream goes: each sink in a thread of its own, so that none holds up another."""
