"""The command line: one file for each command; each parses, calls one library function, and prints."""
