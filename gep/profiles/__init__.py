"""Profiles: editions of standards, read from data, and the data that they ask for."""

from gep.profiles.model import Indicator, Ref, Refs, Service, Spread, Step
from gep.profiles.profile import Profile
from gep.profiles.read import load_profile, profiles

__all__ = [
    "Indicator",
    "Profile",
    "Ref",
    "Refs",
    "Service",
    "Spread",
    "Step",
    "load_profile",
    "profiles",
]
