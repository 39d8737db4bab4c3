"""Plays the adversary against kerchief's own output."""
