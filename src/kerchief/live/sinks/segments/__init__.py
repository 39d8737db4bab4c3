"""Covered footage as files: each is looked at again as any copy is, and published whole when nothing shows in it."""
