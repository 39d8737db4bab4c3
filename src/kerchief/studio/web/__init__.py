"""HTTP: what is asked by whom, and how it is answered. Knows no more than the desk, the work and the pictures."""
