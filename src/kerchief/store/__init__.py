"""The door to the disk: whole files or none, and names that give nothing away."""
