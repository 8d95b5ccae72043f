"""What the values of a notebook are, which objects they share, and who changes them: an abstract run, statement by
statement, in which nothing of the notebook is executed."""

from nbpromote.analysis.evaluation.evaluator import Evaluator
from nbpromote.analysis.evaluation.record import Record
from nbpromote.analysis.evaluation.state import State, TooTangled

__all__ = ["Evaluator", "Record", "State", "TooTangled"]
