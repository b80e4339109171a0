"""Names of the vectorisers."""

from typing import Literal

Vectoriser = Literal[
    "minimal_path", "longest_path", "largest_ring", "mask_contour", "mohajerani_path"
]

#: The one that is used where none is named.
DEFAULT: Vectoriser = "minimal_path"
