"""Pushes a covered stream to a peer. A process of its own talks to it: it may hang, and can be ended."""
