"""What goes on in the background: files are looked through, exported, and regions follow."""
