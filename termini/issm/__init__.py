"""Input for the ice-sheet model ISSM."""
