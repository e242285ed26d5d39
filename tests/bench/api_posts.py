"""How many entries a second programs can post with a key: each is a commit of its own, on one core."""

import sys
from urllib.parse import urlencode

from sqlalchemy import select

from b24app.config import Config
from b24app.crypto import Vault
from b24app.db import connect, sessions
from b24app.models import Person
from b24app.services.machines import keys
from b24app.services.machines.keys import MOST_PER_MINUTE, Wish
from tests.bench import servers, stub_portal
from tests.bench.speed import Row
from tests.support.served import Served

SECONDS = 4
ENTRY = {"card[type]": "deal", "card[id]": stub_portal.CARD, "icon": "info", "title": "Title NUMBER", "text": "Paid."}


def main() -> int:
    """Prints the table; 1 when a mark is missed by more than the noise, and raises if anything is refused."""
    with servers.standing() as ground, servers.logbook(ground) as served:
        load = servers.load(
            served, "/api/v1/entries", SECONDS, [urlencode(ENTRY)], f"Authorization: Bearer {key(served)}"
        )
    rows = [
        Row("entries/s by the API, each committed", load.a_second, 200, "/s", is_least=True),
        Row("CPU of an entry by the API", load.cpu_milliseconds, 5, "ms"),
    ]
    sys.stdout.write("\n".join(map(str, rows)) + "\n")
    return int(any(row.is_missed for row in rows))


def key(served: Served) -> str:
    """A new key of the administrator who has installed Logbook."""
    config = Config.from_environment(served.environment)
    engine = connect(config.database_url, Vault(config.token_keys))
    with sessions(engine)() as session:
        person = session.scalars(select(Person)).first()
        assert person
        made = keys.make(session, person, Wish("bench", per_minute=MOST_PER_MINUTE), "bench")
    engine.dispose()
    assert made
    return made.key


if __name__ == "__main__":
    sys.exit(main())
