"""Streams against a deadline, and folders that are watched."""
