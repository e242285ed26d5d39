"""The most expensive functions of an opening and a post, ``make profile``: in one thread, without a web server."""

import cProfile
import logging
import pstats
import sys
import time
from collections.abc import Callable

from b24app import create_app
from b24app.config import Config
from tests.bench import servers
from tests.bench.servers import Stand, card
from tests.support.logbook import Logbook

TIMES = 200
SHOWN = 20


def main() -> int:
    with servers.standing() as ground:
        logbook = opened(ground)
        query, body = ground.frame(**card())
        client, kind = logbook.app.test_client(), "application/x-www-form-urlencoded"

        def open_tab() -> str:
            answer = client.post("/placement", query_string=query, data=body, content_type=kind)
            assert answer.status_code == 200, answer.text
            return answer.text

        form = servers.fields_of(open_tab())

        def post() -> None:
            fields = {**form, "title": "Called", "text": "Agreed.", "form_key": str(time.perf_counter_ns())}
            answer = client.post("/entries", data=fields, headers={"X-Answer": "parts"})
            assert answer.status_code == 200, answer.text

        show("an opening", open_tab)
        show("a post by script", post)
        logbook.close()
    return 0


def opened(ground: Stand) -> Logbook:
    """Installed, with its log silenced: it would be measured as well."""
    environment = ground.environment("http://127.0.0.1:9")
    logbook = Logbook(create_app(Config.from_environment(environment)))
    logging.getLogger("b24app").setLevel(logging.CRITICAL)
    logbook.app.test_cli_runner().invoke(args=["db", "upgrade"])
    query, body = ground.frame(PLACEMENT="DEFAULT")
    kind = "application/x-www-form-urlencoded"
    logbook.app.test_client().post("/install", query_string=query, data=body, content_type=kind)
    return logbook


def show(what: str, work: Callable[[], object]) -> None:
    for _ in range(SHOWN):
        work()
    profile = cProfile.Profile(time.thread_time)
    profile.enable()
    for _ in range(TIMES):
        work()
    profile.disable()
    sys.stdout.write(f"\n{what}, {TIMES} times\n")
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(SHOWN)


if __name__ == "__main__":
    sys.exit(main())
