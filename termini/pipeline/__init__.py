"""The whole way in one run: what happens when, resumable."""

from termini.pipeline.config import Config, make_config, read_config
from termini.pipeline.engine import Context
from termini.pipeline.progress import set_up_logging
from termini.pipeline.run import run
from termini.pipeline.score import Score, read_score, score_text

__all__ = [
    "Config",
    "Context",
    "Score",
    "make_config",
    "read_config",
    "read_score",
    "run",
    "score_text",
    "set_up_logging",
]
