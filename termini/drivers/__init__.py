"""What drives the fronts: joins with bed, runoff and ocean, and attribution."""

from termini.drivers.attribute import attribute
from termini.drivers.forcing import forcing_table
from termini.drivers.join import join_drivers, match_table
from termini.drivers.match import match_records
from termini.drivers.mechanism import mechanism
from termini.drivers.rule import CANDIDATES, Thresholds
from termini.drivers.sources import DRIVER_SOURCES, read_drivers
from termini.geometry.crosswalk_match import MAX_DISTANCE_M
from termini.names import name_similarity

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
