"""Observations of length and area change, and monthly series."""
