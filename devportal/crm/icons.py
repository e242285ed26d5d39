"""The icons of log messages: the portal's own codes and the administrators' pictures."""

from __future__ import annotations

import hashlib

from ..errors import ApiError
from ..model.portal_state import PortalState
from ..model.records import Icon
from . import pictures
from .icon_codes import OLD_SYSTEM, SYSTEM


class Icons:
    """The icons of a portal; custom codes are shared by all applications and have no owner."""

    def __init__(self, state: PortalState) -> None:
        self._state = state
        # Each portal has its own list: a code removed here remains elsewhere.
        self._codes, self._old_codes = list(SYSTEM), list(OLD_SYSTEM)

    @property
    def system_codes(self) -> list[str]:
        return self._old_codes if self._state.dialect.icons == "old" else self._codes

    @property
    def custom(self) -> list[Icon]:
        return list(self._state.icons.values())

    def get(self, code: str) -> dict[str, object]:
        if code in self.system_codes:
            return {"code": code, "isSystem": True, "fileUri": ""}
        icon = self._state.icons.get(code)
        if icon is None:
            raise ApiError("NOT_FOUND", f"Icon not found for code `{code}`")
        return {"code": code, "isSystem": False, "fileUri": icon.file_uri}

    def add(self, code: str, content: str) -> Icon:
        if code in self.system_codes:
            raise ApiError(0, f"{code} is reserved word and cannot be used")
        if code in self._state.icons:
            raise ApiError(0, "Code must be unique")
        picture = pictures.decode(content)
        if not picture or pictures.size_of(picture) is None:
            raise ApiError("INVALID_ARG_VALUE", "Invalid image")
        if pictures.size_of(picture) != (24, 24):
            raise ApiError("INVALID_ARG_VALUE", "Only png 24px on 24px is supported")
        name = hashlib.sha256(picture + code.encode()).hexdigest()[:32]
        icon = Icon(code, picture, f"/upload/crm/{name[:3]}/{name}/icon.png")
        self._state.icons[code] = icon
        return icon

    def delete(self, code: str) -> None:
        if self._state.icons.pop(code, None) is None:
            raise ApiError("NOT_FOUND", f"Icon not found for code `{code}`")

    def at(self, file_uri: str) -> Icon | None:
        return next((icon for icon in self._state.icons.values() if icon.file_uri == file_uri), None)
