"""Sentences for problems of typed texts, all in one place."""

from b24app.i18n import gettext as _
from b24app.i18n import written
from b24app.services.text_rules import TextProblem


def in_words(field: str, problem: TextProblem, longest: int) -> str:
    """The sentence for a problem; ``field`` is title, text or name."""
    sentences = {
        ("title", TextProblem.EMPTY): _("Write a title."),
        ("text", TextProblem.EMPTY): _("Write a text."),
        ("name", TextProblem.EMPTY): _("Give the template a name."),
        ("title", TextProblem.LONG): _("The title is longer than %(limit)s characters."),
        ("text", TextProblem.LONG): _("The text is longer than %(limit)s characters."),
        ("name", TextProblem.LONG): _("The name is longer than %(limit)s characters."),
        ("title", TextProblem.CONTROL): _(
            "The title contains an invisible control character, such as a tab. Remove it."
        ),
        ("text", TextProblem.CONTROL): _("The text contains an invisible control character, such as a tab. Remove it."),
    }
    return sentences[field, problem] % {"limit": written(longest)}
