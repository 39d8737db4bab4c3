"""A folder whose files are covered as they land."""
