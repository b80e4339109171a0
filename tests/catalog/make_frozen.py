"""Make the small release that later versions must still be able to read.

Run once for each release of termini that changes a format:

    python tests/catalog/make_frozen.py

It adds ``frozen/releases/<version of termini>``; what stands there is never
written again.
"""

from pathlib import Path

import catalog_made_up as made_up

import termini
from termini.catalog import write_release

if __name__ == "__main__":
    root = Path(__file__).parent / "frozen"
    print(write_release(root, termini.__version__, **made_up.content()))
