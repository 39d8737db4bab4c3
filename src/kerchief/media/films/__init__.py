"""The door to PyAV: films and their sound, in (film, hear) and out (record, sound)."""
