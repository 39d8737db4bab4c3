"""Many files on many machines: the same pipeline on a Ray cluster."""
