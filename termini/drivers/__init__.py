"""What drives the fronts: joins with bed, runoff and ocean, and attribution."""

from termini.drivers.forcing import forcing_table
from termini.drivers.join import join_drivers, match_table
from termini.drivers.match import MAX_DISTANCE_M, match_records
from termini.drivers.names import name_similarity
from termini.drivers.sources import DRIVER_SOURCES, read_drivers

__all__ = [
    "DRIVER_SOURCES",
    "MAX_DISTANCE_M",
    "forcing_table",
    "join_drivers",
    "match_records",
    "match_table",
    "name_similarity",
    "read_drivers",
]
