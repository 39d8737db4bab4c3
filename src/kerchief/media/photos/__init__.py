"""The door to Pillow, and to OpenCV where there are 16 bits a channel: photos, animations and pages, in and out."""
