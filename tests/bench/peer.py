"""The application that Logbook is compared with: Flask and the official SDK, doing the same job in the simplest way.

It keeps nothing and encrypts nothing; the tokens travel in the form. PORTAL is the address of a portal over http,
IS_BATCHED whether the four questions of an opening go in one request, which is the best that the SDK can do.
"""

import json
import os
from typing import Any

from b24pysdk import BitrixApp, BitrixToken
from b24pysdk.api.callers.call_method import _MethodCaller
from b24pysdk.api.requesters import BitrixOAuthRequester
from b24pysdk.credentials import OAuthPlacementData
from flask import Flask, render_template_string, request

PORTAL = os.environ["PORTAL"]
IS_BATCHED = os.environ.get("IS_BATCHED") == "1"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ card.title }}</title></head><body>
<h1>New entry on {{ card.title }}</h1>
<form method="post" action="/entries">
{%- for icon in icons %}
<label><input type="radio" name="icon" value="{{ icon.code }}"> {{ icon.code }}</label>
{%- endfor %}
<label>Title <input name="title"></label>
<label>Text <textarea name="text"></textarea></label>
{%- for name, value in hidden.items() %}
<input type="hidden" name="{{ name }}" value="{{ value }}">
{%- endfor %}
<button>Post</button>
</form>
<ol>{% for entry in entries %}<li><b>{{ entry.title }}</b> {{ entry.text }} <time>{{ entry.created }}</time></li>{% endfor %}</ol>
</body></html>"""  # noqa: E501

# The SDK knows https only, and one authorization server.
_MethodCaller._base_url = property(lambda _caller: f"{PORTAL}/rest")
BitrixOAuthRequester._OAUTH_TOKEN_URL = f"{PORTAL}/oauth/token/"
BitrixOAuthRequester._APP_INFO_URL = f"{PORTAL}/rest/app.info/"

app = Flask(__name__)
application = BitrixApp(client_id="local.bench.1", client_secret="bench-secret")


@app.post("/placement")
def open_tab() -> str:
    """The SDK's own check of who asks, then everything that the page shows."""
    fields = {**request.args.to_dict(), **request.form.to_dict()}
    token = BitrixToken.from_oauth_placement_data(OAuthPlacementData.from_dict(fields), application)
    token.get_app_info()
    card = {"entityTypeId": 2, "id": int(json.loads(fields["PLACEMENT_OPTIONS"])["ID"])}
    found = ask(token, card)
    page = {"card": found["card"]["item"], "icons": found["icons"]["icons"], "entries": found["entries"]["logMessages"]}
    return render_template_string(PAGE, hidden=fields, **page)


def ask(token: BitrixToken, card: dict[str, int]) -> dict[str, Any]:
    calls: dict[str, tuple[str, dict[str, int]]] = {
        "profile": ("profile", {}),
        "card": ("crm.item.get", card),
        "icons": ("crm.timeline.icon.list", {}),
        "entries": ("crm.timeline.logmessage.list", {"entityTypeId": card["entityTypeId"], "entityId": card["id"]}),
    }
    if IS_BATCHED:
        return dict(token.call_batch(calls)["result"]["result"])
    return {key: token.call_method(method, parameters)["result"] for key, (method, parameters) in calls.items()}
