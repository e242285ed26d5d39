"""How gunicorn serves Logbook; where it listens is decided by whoever starts it."""

# One process for each core (WEB_CONCURRENCY says how many); its threads mostly wait for portals.
worker_class = "gthread"
threads = 16
# A page may take as long as a portal does: 3 seconds to connect and 10 to answer. Downloads are streamed, and a thread
# that sends one does not stop its process from telling gunicorn that it lives.
timeout = 60
graceful_timeout = 45
worker_tmp_dir = "/dev/shm"  # noqa: S108 - a heartbeat file, which must never wait for a disk
control_socket_disable = True
