"""The portal in a box: a Bitrix24 portal and its authorization server for development and tests."""

from .apps.frames import FramePost
from .box import Box
from .model.applications import Application
from .model.people import Person
from .model.records import LogMessage
from .portal import Portal
from .request_log import RecordedCall

__all__ = ["Application", "Box", "FramePost", "LogMessage", "Person", "Portal", "RecordedCall"]
