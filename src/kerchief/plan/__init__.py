"""The document in the middle: what is covered where and when, and who decided."""
