"""Looking at a file: what opens as who looks sees it, what changed, and who it is for."""
