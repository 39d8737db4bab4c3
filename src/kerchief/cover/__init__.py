"""kerchief covers: regions become a mask, and what lies under the mask is replaced."""
