"""Glacier types by DTW k-means."""

from termini.cluster.dba import dtw_barycentre
from termini.cluster.distance import dtw_distances, dtw_path
from termini.cluster.kmeans import DTWKMeans
from termini.cluster.medoids_dtw import DTWKMedoids
from termini.cluster.selection import Choice, choose_k
from termini.cluster.softdtw import soft_dtw_distances
from termini.cluster.types import glacier_types

__all__ = [
    "Choice",
    "DTWKMeans",
    "DTWKMedoids",
    "choose_k",
    "dtw_barycentre",
    "dtw_distances",
    "dtw_path",
    "glacier_types",
    "soft_dtw_distances",
]
