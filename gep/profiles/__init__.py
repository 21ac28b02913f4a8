"""Profiles: editions of standards, read from data, and the data that they ask for."""

from gep.profiles.diff import ProfileDiff, diff_profiles
from gep.profiles.model import Indicator, Ref, Refs, Service, Spread, Step
from gep.profiles.profile import Profile
from gep.profiles.read import load_profile, profiles

__all__ = [
    "Indicator",
    "Profile",
    "ProfileDiff",
    "Ref",
    "Refs",
    "Service",
    "Spread",
    "Step",
    "diff_profiles",
    "load_profile",
    "profiles",
]
