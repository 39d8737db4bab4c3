"""kerchief proves: the output is looked at again, and what can be said of it is written down."""
