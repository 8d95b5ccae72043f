"""What of a notebook Spark Connect does not have, or takes for something else than a Spark of its own would."""

from nbpromote.running.connect.gaps import absent, gap
from nbpromote.running.connect.joins import mistaken_column
from nbpromote.running.connect.lateness import late_name

__all__ = ["absent", "gap", "late_name", "mistaken_column"]
