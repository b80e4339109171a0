"""Glacier types: clusters of series under dynamic time warping, and how far to believe them."""

from termini.cluster.blockwise import dtw_distances_on_disk
from termini.cluster.consensus import Consensus, co_association, consensus, consensus_labels
from termini.cluster.dba import dtw_barycentre
from termini.cluster.distance import dtw_distances, dtw_path
from termini.cluster.hierarchy import DTWHDBSCAN, DTWAgglomerative
from termini.cluster.joint import joint_types, left_out
from termini.cluster.kmeans import DTWKMeans
from termini.cluster.medoids_dtw import DTWKMedoids
from termini.cluster.membership import membership_probabilities
from termini.cluster.minibatch import DTWMiniBatchKMeans
from termini.cluster.mixture import StateMixture, level_features, season_features
from termini.cluster.nulls import cycle_null, phase_randomised_null, same_covariance_null
from termini.cluster.selection import Choice, Rule, choose_k
from termini.cluster.settings import TypeSettings
from termini.cluster.softdtw import soft_dtw_distances
from termini.cluster.types import glacier_types
from termini.cluster.years import years_as_glaciers

__all__ = [
    "DTWHDBSCAN",
    "Choice",
    "Consensus",
    "DTWAgglomerative",
    "DTWKMeans",
    "DTWKMedoids",
    "DTWMiniBatchKMeans",
    "Rule",
    "StateMixture",
    "TypeSettings",
    "choose_k",
    "co_association",
    "consensus",
    "consensus_labels",
    "cycle_null",
    "dtw_barycentre",
    "dtw_distances",
    "dtw_distances_on_disk",
    "dtw_path",
    "glacier_types",
    "joint_types",
    "left_out",
    "level_features",
    "membership_probabilities",
    "phase_randomised_null",
    "same_covariance_null",
    "season_features",
    "soft_dtw_distances",
    "years_as_glaciers",
]
