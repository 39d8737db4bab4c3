"""What came of a run: the document, and its page."""
