"""A page on this machine that shows the covered stream: one sink of several, and it holds up none of them."""
