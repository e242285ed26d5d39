"""Applications, and what a portal stores about each installed one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DEFAULT_SCOPE = "crm,placement"


@dataclass
class Application:
    """A registered application; its addresses are derived from `app_url`."""

    id: int
    client_id: str
    client_secret: str
    app_url: str
    code: str = ""
    title: str = ""
    scope: str = DEFAULT_SCOPE
    version: int = 1
    has_installer: bool = True
    # The checkbox "Application completes the installation itself" of local applications.
    completes_installation: bool = True

    def __post_init__(self) -> None:
        self.app_url = self.app_url.rstrip("/")
        self.code = self.code or self.client_id
        self.title = self.title or self.code

    @property
    def handler_url(self) -> str:
        return f"{self.app_url}/"

    @property
    def install_url(self) -> str:
        return f"{self.app_url}/install" if self.has_installer else self.handler_url

    @property
    def redirect_url(self) -> str:
        return f"{self.app_url}/oauth/callback"

    @property
    def status(self) -> str:
        return "L" if self.client_id.startswith("local.") else "F"


@dataclass
class Placement:
    """A handler bound to a place."""

    id: int
    code: str
    handler: str
    title: str = ""
    description: str = ""
    group_name: str = ""
    languages: dict[str, dict[str, str]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    user_id: int = 0
    client_id: str = ""

    def title_in(self, language: str, fallback: str) -> str:
        """The title in a person's language, if the application provides it."""
        for candidate in (language, "en", *self.languages):
            title = self.languages.get(candidate, {}).get("TITLE")
            if title:
                return title
        return self.title or fallback

    @property
    def is_native(self) -> bool:
        """Whether the portal draws what the application in a hidden frame asks for."""
        return str(self.options.get("useBuiltInInterface") or "N").upper() in ("Y", "TRUE", "1")


@dataclass
class EventHandler:
    """A handler of an event; `auth_type` 0 means with the actor's token."""

    id: int
    event: str
    handler: str
    auth_type: int = 0
    client_id: str = ""
    bound_by: int = 0


@dataclass
class Installation:
    """One application in one portal, from the first click on Install."""

    client_id: str
    application_token: str
    scope: str
    status: str
    version: int = 1
    is_finished: bool = False
    is_removed: bool = False
    days_left: int | None = None
    is_expired: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    user_options: dict[int, dict[str, Any]] = field(default_factory=dict)
    first_runs: list[int] = field(default_factory=list)
    withdrawn_from: list[int] = field(default_factory=list)

    @property
    def scopes(self) -> list[str]:
        return [scope for scope in self.scope.split(",") if scope]
