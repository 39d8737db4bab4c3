"""Walks the containers of films by hand, to say what FFmpeg does not: whether a file is whole."""
