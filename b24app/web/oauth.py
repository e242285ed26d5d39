"""Authorization in a separate browser tab, for a person of a portal that has Logbook."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from b24app.bitrix24.payloads import is_cloud, read_host
from b24app.context import b24, database
from b24app.errors import Malformed, NotInstalled
from b24app.i18n import gettext as _
from b24app.models import Portal
from b24app.services.access import authorization, portals
from b24app.web import frame, oauth_state
from b24app.web.client_address import public_source, source
from b24app.web.home import belongs

blueprint = Blueprint("oauth", __name__, url_prefix="/oauth")


@blueprint.get("/start")
def start() -> AnyResponse:
    """Redirect a person to their portal, which must be in Bitrix24's cloud or have Logbook.

    For cloud portals, the answer does not reveal which of them have Logbook.
    """
    try:
        host = read_host(request.args.get("domain", "").strip())
    except Malformed:
        raise NotInstalled from None
    portal = _find(host)
    origin, member_id = (portal.origin, portal.member_id) if portal else (f"https://{host}", "")
    return redirect(b24().authorities.authorize_address(origin, oauth_state.seal(member_id)), 302)


@blueprint.get("/callback")
def callback() -> Response:
    """Handle the portal's redirect: exchange the code; the pair must belong to the portal that we redirected to."""
    if not request.args:
        return belongs(_("A Bitrix24 portal sends people back to this address after they have agreed to use Logbook."))
    state = oauth_state.unseal(request.args.get("state", ""))
    portal = portals.find(database(), state.member_id)
    authorization.complete(database(), b24(), portal, state.nonce, request.args.get("code", ""), source())
    return frame.page_for_anyone("oauth/done.html", portal_host=portal.host)


def _find(host: str) -> Portal | None:
    """The portal at this host; None for a cloud portal without Logbook. Raises NotInstalled."""
    guesser = "" if is_cloud(host) else public_source()
    if guesser and not b24().admission.may_guess(guesser):
        raise NotInstalled
    try:
        return portals.find_by_host(database(), host)
    except NotInstalled:
        if is_cloud(host):
            return None
        if guesser:
            b24().admission.note_guess(guesser)
        raise
