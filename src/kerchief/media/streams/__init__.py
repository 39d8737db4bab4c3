"""The doors to streams: what is filmed now comes in through PyAV, and goes out through it."""
