"""Glacier types by DTW k-means."""
