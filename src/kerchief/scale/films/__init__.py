"""Long films in pieces: where they are cut, what is done with a piece, and the way of one through the pool."""
