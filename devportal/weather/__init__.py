"""Misbehaviour on demand: calm until told otherwise."""

from .effects import Effect, Kind
from .mail import MailWeather
from .sky import Weather

__all__ = ["Effect", "Kind", "MailWeather", "Weather"]
