"""The doors to media files: photos, films, and what kind of file it is."""
