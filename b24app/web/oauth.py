"""Authorization in a separate browser tab, for a person of a portal that has Logbook."""

from contextlib import suppress

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from b24app.bitrix24.payloads import is_cloud, read_host
from b24app.bitrix24.public_addresses import is_private_host
from b24app.context import b24, config, database
from b24app.errors import Malformed, NotInstalled
from b24app.i18n import gettext as _
from b24app.services.access import authorization, portals
from b24app.web import frame, oauth_state
from b24app.web.client_address import source
from b24app.web.home import belongs

blueprint = Blueprint("oauth", __name__, url_prefix="/oauth")


@blueprint.get("/start")
def start() -> AnyResponse:
    """Send a person to their portal's sign-in; the answer does not reveal whether we know that portal.

    Anybody can make links to this address, so only portals in Bitrix24's cloud, and those in a box, are redirected to
    at once. For any other host, a page names it and leaves the decision to the reader.
    """
    try:
        host = read_host(request.args.get("domain", "").strip())
    except Malformed:
        raise NotInstalled from None
    is_in_a_box = config().is_insecure_allowed and is_private_host(host)
    origin, member_id = f"http://{host}" if is_in_a_box else f"https://{host}", oauth_state.stand_in(host)
    with suppress(NotInstalled):
        portal = portals.find_by_host(database(), host)
        origin, member_id = portal.origin if is_in_a_box else origin, portal.member_id
    address = b24().authorities.authorize_address(origin, oauth_state.seal(member_id))
    if is_in_a_box or is_cloud(host):
        return redirect(address, 302)
    return frame.page_for_anyone("oauth/confirm.html", host=host, address=address)


@blueprint.get("/callback")
def callback() -> Response:
    """Handle the portal's redirect: exchange the code; the pair must belong to the portal that we redirected to."""
    if not request.args:
        return belongs(_("A Bitrix24 portal sends people back to this address after they have agreed to use Logbook."))
    state = oauth_state.unseal(request.args.get("state", ""))
    code = request.args.get("code", "")
    caller = authorization.complete(database(), b24(), state.member_id, state.nonce, code, source())
    return frame.page_for_anyone("oauth/done.html", portal_host=caller.portal.host)
