"""Where the picture of an icon may come from: the portal's own address, however it is written."""

import pytest

from b24app.web.icons import icon_choice

PORTAL = "https://portal.example"


@pytest.mark.parametrize(
    ("uri", "picture"),
    [
        ("/upload/a.png", "https://portal.example/upload/a.png"),
        ("https://portal.example/a.png", "https://portal.example/a.png"),
        ("https://portal.example:443/a.png", "https://portal.example:443/a.png"),
        ("https://portal.example:444/a.png", None),
        ("http://portal.example/a.png", None),
        ("https://other.example/a.png", None),
        ("//portal.example/a.png", None),
        ("https://portal.example@other.example/a.png", None),
        ("ftp://portal.example/a.png", None),
        ("https://portal.example:x/a.png", None),
        ("https://[portal/a.png", None),
        ("/\\other.example/a.png", None),
        ("a.png", None),
        ("", None),
    ],
)
def test_only_the_portals_own_address_is_taken(uri: str, picture: str | None) -> None:
    assert icon_choice("own", uri, PORTAL).picture == picture
