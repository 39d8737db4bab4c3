"""Processes that work elsewhere: the door to Ray, and a pool of them."""
