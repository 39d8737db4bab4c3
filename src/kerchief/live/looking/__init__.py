"""Which frames are looked at, what may leave, and what is covered in it."""
