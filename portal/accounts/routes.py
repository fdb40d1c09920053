"""Sign in, choose a name, give the second factor, sign out."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from portal.accounts import gate, service
from portal.accounts.entering import (
    enter_browser,
    from_address,
    keep_language,
    lead_after_password,
    lead_on,
    leave_browser,
    please_wait,
    remember_next,
    signed_in,
    wanted_page,
)
from portal.accounts.forms import ChooseForm, CodeForm, NameForm, SignInForm
from portal.accounts.own import change_name
from portal.accounts.queries import own_sessions
from portal.accounts.rules import AccountRefusal
from portal.accounts.second_factor import enrolment_picture
from portal.accounts.wording import capacity_label
from portal.db.session import current_session

# Forms with a password go around the idempotency key of ``portal.web.writes``: it would keep a
# quick hash of what was typed. Each of these posts may be repeated without harm.
from portal.db.session import transaction as plain_transaction
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel.actor import Role
from portal.kernel.clock import now
from portal.web.access import Permission, current_actor, current_person, requires
from portal.web.language import chosen_before
from portal.web.writes import see_other, transaction

bp = Blueprint("accounts", __name__)
_GUARDIAN = "guardian"


@bp.route("/sign-in", methods=["GET", "POST"])
@requires(Permission.OPEN_TO_ALL)
def sign_in() -> ResponseReturnValue:
    """Ask for mail address and password; the answer is the same whether the account exists."""
    person = current_person()
    form = SignInForm()
    if person is not None and person.is_fully_in and not form.is_submitted():
        remember_next()
        return lead_on(person.actor.role or Role.GUARDIAN)
    if not form.is_submitted():
        remember_next()
    if not form.validate_on_submit():
        return _sign_in_page(form), form.status
    with plain_transaction() as db:
        mail = str(form.mail.data)
        wait = service.seconds_to_wait(db, gate.mail_key(mail), from_address())
        account = gate.account_for_sign_in(db, mail)
    if wait:
        return please_wait(wait)
    with form.explaining(sentence):
        password = str(form.password.data)
        known = service.check_password(account, password, AccountRefusal.SIGN_IN_DOES_NOT_MATCH)
        with plain_transaction() as db:
            if person is not None:
                gate.end_session(db, person.token)
            entered = service.enter(db, known, password=password, actor=current_actor(), now=now())
        if entered.role is Role.GUARDIAN:
            keep_language(known.user_id, chosen_before())
        enter_browser(entered)
        return lead_after_password(entered)
    return _sign_in_page(form), form.status


def _sign_in_page(form: SignInForm) -> str:
    wanted = wanted_page() or ""
    is_familys = wanted.startswith("/my/") and wanted != "/my/"
    return render_template(
        "accounts/sign_in.html",
        form=form,
        leads_back=is_familys,
        has_ended=current_person() is None and "_user_id" in session,
    )


@bp.post("/sign-out")
@requires(Permission.HALF_SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End this session at once, in the database too."""
    with transaction() as db:
        gate.end_session(db, signed_in().token)
    leave_browser()
    flash(_("ログアウトしました。"))
    answer = redirect(url_for("pages.home"), 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@bp.route("/sign-in/choose", methods=["GET", "POST"])
@requires(Permission.HALF_SIGNED_IN)
def choose() -> ResponseReturnValue:
    """Let somebody who belongs to several bodies choose in whose name she goes on."""
    person = signed_in()
    form = ChooseForm()
    user_id = person.actor.user_id or uuid.UUID(int=0)
    names = gate.capacities(current_session(), user_id)
    if not any(one.role is Role.GUARDIAN for one in names):
        names.append(gate.Capacity(None, Role.GUARDIAN, None))
    form.name.choices = [
        SelectChoice(str(one.membership_id or _GUARDIAN), capacity_label(one)) for one in names
    ]
    if not form.validate_on_submit():
        return render_template("accounts/choose.html", form=form), form.status
    chosen = None if form.name.data == _GUARDIAN else uuid.UUID(str(form.name.data))
    with plain_transaction() as db:
        entered = service.act_as(db, person.token, user_id, chosen, now=now())
    enter_browser(entered)
    return lead_after_password(entered)


@bp.route("/sign-in/second-factor", methods=["GET", "POST"])
@requires(Permission.HALF_SIGNED_IN)
def second_factor() -> ResponseReturnValue:
    """Ask for a code of the app, or a recovery code; who has no app yet is led to enrol."""
    person = signed_in()
    role = person.actor.role or Role.GUARDIAN
    if person.is_fully_in:
        return lead_on(role)
    if not person.has_totp:
        return redirect(url_for("accounts.enrol"), 303)
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("accounts/second_factor.html", form=form), form.status
    with plain_transaction() as db:
        wait = service.seconds_to_wait(db, f"code:{person.actor.user_id}", from_address())
    if wait:
        return please_wait(wait)
    with form.explaining(sentence):
        with plain_transaction() as db:
            typed = str(form.code.data)
            entered = service.give_code(
                db, person.token, typed, role=role, actor=current_actor(), now=now()
            )
        enter_browser(entered)
        return lead_on(entered.role)
    return render_template("accounts/second_factor.html", form=form), form.status


@bp.route("/sign-in/second-factor/new", methods=["GET", "POST"])
@requires(Permission.HALF_SIGNED_IN)
def enrol() -> ResponseReturnValue:
    """Show the secret of a new second factor until its first right code, then recovery codes."""
    person = signed_in()
    role = person.actor.role or Role.GUARDIAN
    may_enrol = not person.has_totp or (person.has_second_factor and session.get("stepped_up"))
    if role is Role.GUARDIAN or not may_enrol:
        return redirect(url_for("accounts.second_factor"), 303)
    form = CodeForm()
    if form.is_submitted():
        with plain_transaction() as db:
            wait = service.seconds_to_wait(db, f"code:{person.actor.user_id}", from_address())
        if wait:
            return please_wait(wait)
    if form.validate_on_submit():
        with form.explaining(sentence):
            with plain_transaction() as db:
                typed = str(form.code.data)
                entered, codes = service.enrol(
                    db, person.token, typed, role=role, actor=current_actor(), now=now()
                )
            enter_browser(entered)
            return render_template("accounts/recovery_codes.html", codes=codes)
    with plain_transaction() as db:
        secret = service.secret_to_enrol(db, person.token)
    picture = enrolment_picture(secret, person.mail)
    letters = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    page = render_template("accounts/enrol.html", form=form, picture=picture, letters=letters)
    return page, form.status


@bp.route("/account", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def account() -> ResponseReturnValue:
    """Show one's own account and its sessions; change one's name."""
    person = signed_in()
    form = NameForm(data={"name": person.name})
    if form.validate_on_submit():
        with transaction() as db:
            change_name(db, str(form.name.data), actor=current_actor())
            flash(_("お名前を変えました。"))
            return see_other(db, url_for("accounts.account"))
    db = current_session()
    sessions = own_sessions(db, current_actor())
    needs_code = person.actor.role is not Role.GUARDIAN
    names = gate.capacities(db, person.actor.user_id or uuid.UUID(int=0))
    may_choose = needs_code or len(names) > 1
    page = render_template(
        "accounts/account.html",
        form=form,
        person=person,
        name_hint=None
        if needs_code
        else _("この画面での呼び名です。園に届けたお名前は「保護者とお迎えの人」で直せます。"),
        may_choose=may_choose,
        sessions=sessions,
        needs_code=needs_code,
    )
    return page, form.status
