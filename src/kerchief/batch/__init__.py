"""Many files, one by one: which they are, what each output is called, what is done already."""
