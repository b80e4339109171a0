"""Front tables written in the layouts of published datasets, for programs that read those."""

from termini.fronts.writers.autoterm import write_autoterm
from termini.fronts.writers.calfin import write_calfin
from termini.fronts.writers.losses import Written
from termini.fronts.writers.termpicks import write_termpicks

__all__ = ["Written", "write_autoterm", "write_calfin", "write_termpicks"]
