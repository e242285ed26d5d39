"""The portal's pages, as a person sees them."""

from .site import respond

__all__ = ["respond"]
