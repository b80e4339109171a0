"""What drives the fronts: joins with bed, runoff and ocean, and attribution."""

from termini.drivers.attribute import attribute
from termini.drivers.forcing import forcing_table
from termini.drivers.join import join_drivers, match_table
from termini.drivers.match import MAX_DISTANCE_M, match_records
from termini.drivers.mechanism import mechanism
from termini.drivers.names import name_similarity
from termini.drivers.rule import CANDIDATES, Thresholds
from termini.drivers.sources import DRIVER_SOURCES, read_drivers

__all__ = [
    "CANDIDATES",
    "DRIVER_SOURCES",
    "MAX_DISTANCE_M",
    "Thresholds",
    "attribute",
    "forcing_table",
    "join_drivers",
    "match_records",
    "match_table",
    "mechanism",
    "name_similarity",
    "read_drivers",
]
