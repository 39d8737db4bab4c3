"""Pages for the user's own browser: a server that only this machine reaches, and who may talk to it."""
