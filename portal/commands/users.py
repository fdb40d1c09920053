"""``portal users``: invite the first people of a body, and let somebody enrol a new phone.

Nobody's password is set here: whoever is invited chooses her own, by the link.
"""

from __future__ import annotations

import argparse
import re
import sys
import uuid
from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.accounts import links, queries, staff
from portal.accounts.gate import mail_link_token
from portal.accounts.rules import KIND_OF
from portal.accounts.wording import ROLE_LABELS
from portal.commands.facilities import code_of
from portal.commands.surroundings import addresses, environment, load_secrets
from portal.db.session import Database, acting_as, make_engine, transaction, use
from portal.documents.wording.sentences import sentence
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import now
from portal.kernel.errors import Refusal
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.organisations.service import set_municipality_code

_OPERATOR = Actor(role=Role.OPERATOR)


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the word ``users`` and its own words."""
    parser = subparsers.add_parser("users", help="利用者: add, reset-second-factor")
    words = parser.add_subparsers(title="すること", metavar="すること", required=True)
    add = words.add_parser("add", help="招待のメールを送り、同じリンクを表示します")
    add.add_argument("--mail", required=True, help="招待する方のメールアドレス")
    add.add_argument("--name", required=True, help="お名前（本人があとで直せます）")
    roles = [role.value for role in KIND_OF]
    called = "、".join(f"{role}（{ROLE_LABELS[Role(role)]}）" for role in roles)
    add.add_argument(
        "--role", required=True, choices=roles, metavar="役割", help=f"次のどれか： {called}"
    )
    add.add_argument(
        "--organisation",
        required=True,
        metavar="組織",
        help="その方の組織の名前。なければつくります。園長と職員は事業者（法人）、"
        "liaison は市区町村、ほかは、その機関の名前です",
    )
    add.add_argument("--code", type=code_of, help="市区町村なら、6桁の自治体コード")
    add.set_defaults(run=_with_database(_add))
    reset = words.add_parser("reset-second-factor", help="2段階認証をはずします")
    reset.add_argument("--mail", required=True, help="スマートフォンをなくした方のアドレス")
    reset.set_defaults(run=_with_database(_reset))


def _with_database(
    work: Callable[[Session, argparse.Namespace, str], int],
) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        environ = environment()
        engine = make_engine(addresses(environ).app, pool_size=1)
        use(Database(engine, load_secrets(environ)))
        base_url = environ.get("PORTAL_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
        try:
            with acting_as(_OPERATOR), transaction() as session:
                return work(session, args, base_url)
        finally:
            engine.dispose()

    return run


def _add(session: Session, args: argparse.Namespace, base_url: str) -> int:
    role = Role(args.role)
    if not _is_mail(args.mail) or not args.name.strip() or not args.organisation.strip():
        print(
            "--mail は name@example.jp の形で、--name と --organisation は空でない文字で"
            "入れてください。",
            file=sys.stderr,
        )
        return 2
    known = {one.name for one in queries.organisations(session, _OPERATOR)}
    body = _organisation(session, args.organisation, KIND_OF[role])
    if body is None:
        print(
            f"「{args.organisation}」は、この役割の組織ではありません。"
            "組織の名前か役割をたしかめてください。",
            file=sys.stderr,
        )
        return 2
    if args.organisation not in known:
        print(
            f"「{args.organisation}」を新しくつくりました。ある名前なら、つづりをたしかめてください。"
        )
    if args.code is not None:
        _write_code(session, body, KIND_OF[role], args.code)
    token_id = links.invite(session, args.mail, args.name, role, body, actor=_OPERATOR, now=now())
    print(f"{args.mail} に招待のメールを送ります。7日のあいだ、次のリンクで登録できます。")
    print("（アドレスのはじめは、環境変数 PORTAL_BASE_URL で決まります。）")
    print(f"{base_url}/invitations/{mail_link_token(token_id)}")
    return 0


def _write_code(session: Session, body: uuid.UUID, kind: OrganisationKind, code: str) -> None:
    if kind is not OrganisationKind.MUNICIPALITY:
        print("--code は、市区町村の担当者（liaison）のときだけ使えます。", file=sys.stderr)
        raise SystemExit(2)
    try:
        set_municipality_code(session, body, code, actor=_OPERATOR)
    except Refusal as refusal:
        print("".join(sentence(reason) for reason in refusal.reasons), file=sys.stderr)
        # Past the transaction's end: nothing of what was begun stays.
        raise SystemExit(2) from None


def _is_mail(written: str) -> bool:
    """Whether it is shaped like an address; whether it arrives, the invitation shows."""
    return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", written) is not None


def _organisation(session: Session, name: str, kind: OrganisationKind) -> uuid.UUID | None:
    same = [body for body in queries.organisations(session, _OPERATOR) if body.name == name]
    for body in same:
        if body.kind is kind:
            return body.id
    if same:
        return None
    new = uuid.uuid4()
    session.add(Organisation(id=new, kind=kind, name=name))
    session.flush()
    return new


def _reset(session: Session, args: argparse.Namespace, _base_url: str) -> int:
    wanted = str(args.mail).strip().lower()
    found = [one for one in queries.members(session, _OPERATOR) if one.mail.lower() == wanted]
    if not found:
        print(f"{args.mail} の職員はいません。アドレスをたしかめてください。", file=sys.stderr)
        return 2
    staff.reset_second_factor(session, found[0], actor=_OPERATOR)
    print("2段階認証をはずしました。次のログインで登録し直します。本人にメールで知らせます。")
    return 0
