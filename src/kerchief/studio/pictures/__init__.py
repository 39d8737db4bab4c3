"""What is seen of a file: any frame, as it is and as it will be covered, quickly."""
