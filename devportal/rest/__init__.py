"""The portal's REST: parameters in, method, envelope out; and what one needs to write a method of one's own."""

from ..errors import ApiError, missing
from .call import Call
from .envelope import Page
from .listing import Listing, page_of, selected
from .registry import method

__all__ = ["ApiError", "Call", "Listing", "Page", "method", "missing", "page_of", "selected"]
