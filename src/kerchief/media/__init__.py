"""The door to image files: Pillow (and OpenCV where there are 16 bits a channel)."""
