"""Published datasets: which there are, where they lie, and downloading them."""

from termini.data.download import Pulled, pull
from termini.data.places import missing, present, root, where
from termini.data.registry import DataFile, Dataset, datasets, get_dataset

__all__ = [
    "DataFile",
    "Dataset",
    "Pulled",
    "datasets",
    "get_dataset",
    "missing",
    "present",
    "pull",
    "root",
    "where",
]
