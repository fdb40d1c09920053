"""The second factor: codes of an authenticator app (TOTP), and recovery codes on paper."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime

import pyotp

from portal.db.sealed import seal, unseal
from portal.db.session import in_use

#: Seconds a code is shown; one step before and after is taken too, for clocks that differ.
STEP = 30
RECOVERY_CODES = 10
#: Without letters that are read for others.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_ISSUER = "一時預かりポータル"


def new_secret() -> str:
    """Return a new secret, 160 bits in base32."""
    return pyotp.random_base32()


def seal_secret(secret: str, user_id: uuid.UUID) -> bytes:
    """Return the secret encrypted for its user; it opens for nobody else."""
    return seal(secret, bound_to=("users", "totp", str(user_id)))


def unseal_secret(sealed: bytes, user_id: uuid.UUID) -> str:
    """Return the secret that ``seal_secret`` sealed."""
    return unseal(sealed, bound_to=("users", "totp", str(user_id)))


def enrolment_picture(secret: str, mail: str) -> str:
    """Return the QR code of a secret as a ``data:`` address (SVG)."""
    import segno  # one page in a year of a person's draws one

    uri = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=mail, issuer_name=_ISSUER)
    return str(segno.make(uri, error="m").svg_data_uri(scale=5, border=4, light="#fff"))


def step_of(code: str, secret: str, *, now: datetime) -> int | None:
    """Return the step of the clock that ``code`` belongs to, or ``None`` if to none near now.

    Whoever lets somebody in moves the account's last step there, so that each opens once.
    """
    totp = pyotp.TOTP(secret, interval=STEP)
    current = int(now.timestamp()) // STEP
    typed = code.encode()  # as text, compare_digest raises at digits of other scripts
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Return ten codes, each opening once, about 49 bits strong."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> bytes:
    """Return what is stored of a recovery code.

    Keyed, because 49 bits could be tried out from a stolen database.
    """
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    message = b"recovery-code" + plain.encode()
    return hmac.new(in_use().secrets.link_key, message, hashlib.sha256).digest()
