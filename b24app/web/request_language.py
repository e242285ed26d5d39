"""Chooses the language of a request: from the frame's LANG, from our own form, or from the browser."""

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from b24app import i18n

# Our pages send the language back with every form, so that answers have the same one.
FIELD = "language"


def init_app(app: Flask) -> None:
    """Choose each request's language, and give it to all templates."""
    i18n.prepare(app.jinja_env)
    app.before_request(_choose)
    app.context_processor(words_of_language)


def words_of_language() -> dict[str, str]:
    """The template context about the reader's language."""
    return {
        "language": i18n.language(),
        "lang": i18n.language_tag(),
        "dir": i18n.direction(),
        "tab": i18n.gettext(i18n.TAB_TITLE),
    }


def _choose() -> None:
    try:
        i18n.speak(request.args.get("LANG") or _of_form() or _of_browser())
    except HTTPException:
        # The refusal of a form that is too long.
        i18n.speak(_of_browser())
        raise


def _of_form() -> str:
    if request.method != "POST":
        return ""
    return request.form.get("LANG") or request.form.get(FIELD, "")


def _of_browser() -> str:
    """The first available language in the browser's order; ``*`` is the default."""
    for tag, quality in sorted(request.accept_languages, key=lambda choice: choice[1], reverse=True):
        if quality > 0 and (code := i18n.ENGLISH if tag == "*" else i18n.nearest(tag)):
            return code
    return i18n.ENGLISH
