"""Authorization in a browser tab of its own, for a person of a portal that has Logbook."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from b24app.bitrix24.payloads import read_host
from b24app.context import b24, database
from b24app.errors import Malformed, NotInstalled, NotProved, SessionExpired
from b24app.i18n import gettext as _
from b24app.services.access import authorization, portals
from b24app.web import frame
from b24app.web.home import belongs
from b24app.web.sessions import seal_state, unseal_state

blueprint = Blueprint("oauth", __name__, url_prefix="/oauth")

STATE_SECONDS = 600


@blueprint.get("/start")
def start() -> AnyResponse:
    """Send the person to his portal; only to one that has installed Logbook, so nobody can be sent anywhere else."""
    try:
        host = read_host(request.args.get("domain", "").strip())
    except Malformed:
        raise NotInstalled from None
    portal = portals.find_by_host(database(), host)
    return redirect(b24().authorities.authorize_address(portal.origin, seal_state(portal.member_id)), 302)


@blueprint.get("/callback")
def callback() -> Response:
    """The portal's redirect: the code is exchanged at once, and the answer must be of the portal we sent him to."""
    if not request.args:
        return belongs(_("A Bitrix24 portal sends people back to this address after they have agreed to use Logbook."))
    try:
        member_id = unseal_state(request.args.get("state", ""), max_age_seconds=STATE_SECONDS)
    except SessionExpired:
        raise NotProved(reason="state") from None
    portal = portals.find(database(), member_id)
    authorization.complete(database(), b24(), portal, request.args.get("code", ""))
    return frame.page_for_anyone("oauth/done.html", portal_host=portal.host)
