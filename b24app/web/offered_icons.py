"""The icons as one person's form offers them."""

from functools import cached_property

from b24app.context import database
from b24app.services.settings import icons
from b24app.web.card_session import CardSession
from b24app.web.icons import IconChoice


class IconOffer:
    """The icons offered to one person on a card; recently used ones are read when needed."""

    def __init__(self, card: CardSession) -> None:
        self._card = card
        self.choices = card.icons.offered

    @cached_property
    def recent(self) -> list[str]:
        """The codes that this person used recently and that are still offered."""
        offered = self._card.icons.codes
        return [code for code in icons.recent(database(), self._card.person) if code in offered]

    @property
    def usual(self) -> str:
        """The icon chosen in a new form."""
        first = self.choices[0].code if self.choices else ""
        return next(iter(self.recent), "") or self._card.icons.default or first

    @property
    def arranged(self) -> list[IconChoice]:
        """The icons, recently used ones first, then the others in the administrators' order."""
        if not self.recent:
            return self.choices
        places = {code: place for place, code in enumerate(self.recent)}
        return sorted(self.choices, key=lambda choice: places.get(choice.code, len(places)))
