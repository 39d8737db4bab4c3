"""Untrusted files are opened in a child process with a memory cap and a time limit, and nowhere else."""
