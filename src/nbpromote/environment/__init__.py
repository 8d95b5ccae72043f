"""What the environment should be, what is locked, what is installed, and where these drift apart."""

from nbpromote.environment.conda import parse_conda_lock, parse_environment
from nbpromote.environment.drift import Drift, Environment, find_drift, find_installed_drift
from nbpromote.environment.pins import parse_pins
from nbpromote.environment.usage import Used, find_clash, find_kernel_drift, find_usage_drift

__all__ = [
    "Drift",
    "Environment",
    "Used",
    "find_clash",
    "find_drift",
    "find_installed_drift",
    "find_kernel_drift",
    "find_usage_drift",
    "parse_conda_lock",
    "parse_environment",
    "parse_pins",
]
