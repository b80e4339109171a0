"""Satellite scenes: reading, warping to a glacier's grid, normalising."""
