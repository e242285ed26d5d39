"""The portal's REST API, and what is needed to write further methods."""

from ..errors import ApiError, missing
from .call import Call
from .envelope import Page
from .listing import Listing, page_of, selected
from .registry import method

__all__ = ["ApiError", "Call", "Listing", "Page", "method", "missing", "page_of", "selected"]
