"""Glacier types by DTW k-means."""

from termini.cluster.distance import dtw_distances
from termini.cluster.kmeans import DTWKMeans
from termini.cluster.selection import Choice, choose_k
from termini.cluster.types import glacier_types

__all__ = ["Choice", "DTWKMeans", "choose_k", "dtw_distances", "glacier_types"]
