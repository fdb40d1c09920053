"""The members of one's organisation: invite, end, change role, reset a lost second factor."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from portal.accounts import invitations, links, queries, service, staff
from portal.accounts.entering import from_address, please_wait
from portal.accounts.forms import BodyForm, IdentifiedForm, InviteForm
from portal.accounts.queries import Member
from portal.accounts.rules import invitable_roles
from portal.accounts.wording import role_label
from portal.db.session import current_session
from portal.db.session import transaction as plain_transaction
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel.actor import Role
from portal.kernel.clock import now
from portal.kernel.errors import Refusal
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("accounts_staff", __name__, url_prefix="/staff")

#: How staff make sure who a guardian is; the code goes into the audit log.
IDENTIFIED = (
    SelectChoice("id_seen", "窓口で、写真のある身分証明書を見た"),
    SelectChoice("known_in_person", "送り迎えで顔を知っている本人が、園に来た"),
    SelectChoice("called_back", "登録してある電話番号に、園からかけ直した"),
)

#: Headings in the choice of a body.
_KINDS = {
    OrganisationKind.PROVIDER: "事業者",
    OrganisationKind.MUNICIPALITY: "市区町村",
    OrganisationKind.FAMILY_CENTER: "こども家庭センター",
    OrganisationKind.CONSULTATION_OFFICE: "相談機関",
    OrganisationKind.SUPPORT_CENTRE: "支援拠点",
    OrganisationKind.HEALTH_CENTRE: "保健センター",
    OrganisationKind.OPERATOR: "運用",
}


@bp.get("")
@requires(Permission.MANAGE_STAFF)
def index() -> ResponseReturnValue:
    """List the members of one's organisation; for the operator, of all."""
    return _members_page(PortalForm())


@bp.post("/invitations/<uuid:invitation_id>/send-again")
@requires(Permission.MANAGE_STAFF)
def send_again(invitation_id: uuid.UUID) -> ResponseReturnValue:
    """Send an open invitation once more, with a new link."""
    actor = current_actor()
    found = queries.open_invitation(current_session(), actor, invitation_id)
    with plain_transaction() as db:
        wait = service.seconds_to_wait_for_mail(db, found.mail, from_address())
    if wait:
        return please_wait(wait)
    try:
        with transaction() as db:
            invitations.send_again(db, invitation_id, actor=actor, now=now())
            flash(_("%(name)sさんに、招待をもう一度送りました。") % {"name": found.name})
            return see_other(db, url_for("accounts_staff.index"))
    except Refusal as refusal:
        return _list_refused(refusal)


@bp.post("/invitations/<uuid:invitation_id>/withdraw")
@requires(Permission.MANAGE_STAFF)
def withdraw_invitation(invitation_id: uuid.UUID) -> ResponseReturnValue:
    """Make the link of an open invitation useless."""
    actor = current_actor()
    found = queries.open_invitation(current_session(), actor, invitation_id)
    try:
        with transaction() as db:
            invitations.withdraw(db, invitation_id, actor=actor)
            flash(_("%(name)sさんへの招待を取りやめました。") % {"name": found.name})
            return see_other(db, url_for("accounts_staff.index"))
    except Refusal as refusal:
        return _list_refused(refusal)


@bp.route("/invitations", methods=["GET", "POST"])
@requires(Permission.MANAGE_STAFF)
def invite() -> ResponseReturnValue:
    """Send an invitation by mail."""
    actor = current_actor()
    bodies = queries.organisations(current_session(), actor)
    if actor.role is Role.OPERATOR:
        wanted = request.args.get("organisation")
        bodies_wanted = [body for body in bodies if str(body.id) == wanted]
        if not bodies_wanted:
            return _ask_for_body(bodies, is_refused=wanted is not None or request.method == "POST")
        bodies = bodies_wanted
    body, form = bodies[0], InviteForm()
    roles = invitable_roles(actor.role, body.kind)
    form.role.choices = [SelectChoice(role.value, role_label(role)) for role in roles]
    if len(roles) == 1 and not form.is_submitted():
        form.role.data = roles[0].value
    if not form.validate_on_submit():
        return _invite_page(form, body), 422 if form.is_submitted() else 200
    mail = str(form.mail.data)
    with plain_transaction() as db:
        wait = service.seconds_to_wait_for_mail(db, mail, from_address())
    if wait:
        return please_wait(wait)
    try:
        with transaction() as db:
            role = Role(form.role.data)
            links.invite(db, mail, str(form.name.data), role, body.id, actor=actor, now=now())
            flash(_("招待のメールを送りました。7日のあいだ使えます。"))
            return see_other(db, url_for("accounts_staff.index"))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _invite_page(form, body), 409


@bp.get("/<uuid:membership_id>")
@requires(Permission.MANAGE_STAFF)
def member(membership_id: uuid.UUID) -> ResponseReturnValue:
    """Show one member and what can be done about her account."""
    found = queries.member(current_session(), current_actor(), membership_id)
    return _member_page(found, PortalForm()), 200


@bp.route("/<uuid:membership_id>/end", methods=["GET", "POST"])
@requires(Permission.MANAGE_STAFF)
def end(membership_id: uuid.UUID) -> ResponseReturnValue:
    """Ask once more, by name, and end a membership; all its sessions end at once."""
    actor = current_actor()
    found = queries.member(current_session(), actor, membership_id)
    if request.method == "GET":
        if staff.reasons_against_ending(current_session(), found, actor=actor):
            return redirect(url_for("accounts_staff.member", membership_id=membership_id))
        return render_template(
            "accounts/member_end.html",
            member=found,
            form=PortalForm(),
            role_label=role_label,
            is_operator=actor.role is Role.OPERATOR,
        )
    try:
        with transaction() as db:
            staff.end_membership(db, found, actor=actor)
            flash(_("%(name)sさんの登録を終わりにしました。") % {"name": found.name})
            return see_other(db, url_for("accounts_staff.index"))
    except Refusal as refusal:
        return _refused(found, refusal)


@bp.post("/<uuid:membership_id>/role")
@requires(Permission.MANAGE_STAFF)
def change_role(membership_id: uuid.UUID) -> ResponseReturnValue:
    """Make a member director or staff; her sessions end at once."""
    actor = current_actor()
    found = queries.member(current_session(), actor, membership_id)
    wanted = Role.STAFF if request.form.get("role") == Role.STAFF else Role.DIRECTOR
    try:
        with transaction() as db:
            staff.change_role(db, found, wanted, actor=actor)
            flash(_("%(name)sさんの役割を変えました。") % {"name": found.name})
            return see_other(db, url_for("accounts_staff.index"))
    except Refusal as refusal:
        return _refused(found, refusal)


@bp.post("/<uuid:membership_id>/support")
@requires(Permission.MANAGE_STAFF)
def let_know(membership_id: uuid.UUID) -> ResponseReturnValue:
    """Say whether a member of staff may know why families are supported."""
    actor = current_actor()
    found = queries.member(current_session(), actor, membership_id)
    knows = request.form.get("knows") == "yes"
    with transaction() as db:
        staff.let_know(db, found, knows=knows, actor=actor)
        said = _("%(name)sさんは、支援の事情を見られるようになりました。")
        if not knows:
            said = _("%(name)sさんには、支援の事情が出ないようになりました。")
        flash(said % {"name": found.name})
        return see_other(db, url_for(".member", membership_id=membership_id))


@bp.post("/<uuid:membership_id>/second-factor-reset")
@requires(Permission.MANAGE_STAFF)
def reset_second_factor(membership_id: uuid.UUID) -> ResponseReturnValue:
    """Take away the second factor of a member who lost her phone."""
    actor = current_actor()
    found = queries.member(current_session(), actor, membership_id)
    try:
        with transaction() as db:
            staff.reset_second_factor(db, found, actor=actor)
            flash(
                _("%(name)sさんの2段階認証をはずしました。次のログインで登録し直します。")
                % {"name": found.name}
            )
            return see_other(db, url_for("accounts_staff.index"))
    except Refusal as refusal:
        return _refused(found, refusal)


@bp.route("/guardians/<uuid:guardian_id>/mail", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def guardian_mail(guardian_id: uuid.UUID) -> ResponseReturnValue:
    """Help a guardian who lost her mail address, after making sure who she is."""
    actor = current_actor()
    account = queries.guardian_account(current_session(), actor, guardian_id)
    form = IdentifiedForm()
    form.how.choices = list(IDENTIFIED)
    template = "accounts/guardian_mail.html"
    if not form.validate_on_submit():
        page = render_template(template, form=form, account=account)
        return page, 422 if form.is_submitted() else 200
    mail, how = str(form.mail.data), str(form.how.data)
    with plain_transaction() as db:
        wait = service.seconds_to_wait_for_mail(db, mail, from_address())
    if wait:
        return please_wait(wait)
    with transaction() as db:
        staff.issue_guardian_mail_change(
            db, guardian_id, account, mail, how, actor=actor, now=now()
        )
        flash(_("新しいアドレスにリンクを送りました。前のアドレスにも知らせました。"))
        here = url_for("accounts_staff.guardian_mail", guardian_id=guardian_id)
        return see_other(db, here)


def _members_page(form: PortalForm) -> str:
    actor = current_actor()
    return render_template(
        "accounts/members.html",
        members=queries.members(current_session(), actor),
        waiting=queries.open_invitations(current_session(), actor),
        is_operator=actor.role is Role.OPERATOR,
        role_label=role_label,
        form=form,
        now=now(),
    )


def _list_refused(refusal: Refusal) -> ResponseReturnValue:
    form = PortalForm()
    form.explain(refusal, sentence)
    return _members_page(form), 409


def _ask_for_body(bodies: list[Organisation], *, is_refused: bool) -> ResponseReturnValue:
    """Ask first where to: what roles there are depends on it."""
    form = BodyForm()
    by_kind = ((kind, [body for body in bodies if body.kind is kind]) for kind in OrganisationKind)
    form.organisation.choices = {
        "": [SelectChoice("", _("えらんでください"))],
        **{
            _KINDS[kind]: [SelectChoice(str(body.id), body.name) for body in found]
            for kind, found in by_kind
            if found
        },
    }
    if is_refused:
        form.organisation.errors = [_("組織をえらんでください")]
    page = render_template("accounts/invite_where.html", form=form)
    return page, 422 if is_refused else 200


def _invite_page(form: InviteForm, body: Organisation) -> str:
    return render_template(
        "accounts/invite.html",
        form=form,
        body=body,
        is_operator=current_actor().role is Role.OPERATOR,
    )


def _member_page(found: Member, form: PortalForm) -> str:
    actor = current_actor()
    reasons = staff.reasons_against_ending(current_session(), found, actor=actor)
    return render_template(
        "accounts/member.html",
        member=found,
        is_operator=actor.role is Role.OPERATOR,
        against_ending=[sentence(reason) for reason in reasons],
        form=form,
        role_label=role_label,
        other_role=Role.STAFF if found.role is Role.DIRECTOR else Role.DIRECTOR,
        may_change_role=found.role in {Role.STAFF, Role.DIRECTOR},
    )


def _refused(found: Member, refusal: Refusal) -> ResponseReturnValue:
    form = PortalForm()
    form.explain(refusal, sentence)
    return _member_page(found, form), 409
