"""What people look at: reports as pages that open offline, and their plots."""
