"""Versioned releases of the dataset and their intake catalog."""
