"""The portal for a WSGI server: ``gunicorn -w 2 -k gthread --threads 4 wsgi:app``.

Reads DATABASE_URL, PORTAL_BASE_URL, PORTAL_SECRETS, SMTP_* and PORTAL_PROXY_HOPS.
"""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress

from portal.app import create_app
from portal.commands.surroundings import settings_from
from portal.db.session import Database, make_engine, use

#: Of glibc's malloc.h.
_M_ARENA_MAX = -8

# One heap for all threads: the heap of its own that glibc gives each thread stays as large as the
# largest page that thread has made. Elsewhere than with glibc there is nothing to say.
with suppress(AttributeError, OSError):
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
settings = settings_from(os.environ)
use(Database(make_engine(settings.database_url), settings.secrets))
app = create_app(settings)
# What has been loaded stays until the end: looking through it for waste would stop every worker now
# and then, for tens of milliseconds, in the minute in which it counts.
gc.collect()
gc.freeze()
# What loading alone needed goes back to the machine.
with suppress(AttributeError, OSError):
    ctypes.CDLL(None).malloc_trim(0)
