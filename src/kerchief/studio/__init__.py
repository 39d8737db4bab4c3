"""The local page on which people see what will be covered, correct it, record consent and export."""
