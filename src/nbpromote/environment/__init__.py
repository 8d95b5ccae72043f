"""What the environment should be, what is locked, what is installed, and where these drift apart."""

from nbpromote.environment.conda import parse_conda_lock, parse_environment
from nbpromote.environment.drift import Drift, Environment, find_drift, find_installed_drift
from nbpromote.environment.pins import parse_pins

__all__ = [
    "Drift",
    "Environment",
    "find_drift",
    "find_installed_drift",
    "parse_conda_lock",
    "parse_environment",
    "parse_pins",
]
