"""From the fields of a rules form to the document, and back. The document alone decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, SelectMultipleField
from wtforms.fields.choices import SelectFieldBase

from portal.documents.i18n import gettext as _
from portal.kernel.spans import cell_label
from portal.office.rules_application import application_fields
from portal.office.rules_cancel import cancel_fields, deadline_fields, no_show_fields
from portal.office.rules_caps import caps_fields
from portal.office.rules_content import Content
from portal.office.rules_fee import fee_fields
from portal.office.rules_fields import RulesFields, place_on_page
from portal.office.rules_inputs import ROWS, row_fields
from portal.office.rules_offered import offer
from portal.office.rules_record import record_fields
from portal.office.rules_registration import registration_fields
from portal.office.rules_remedies import remedy
from portal.office.rules_rest import FORM_KINDS, Rest, rest_text, said_kinds, without
from portal.office.rules_unused import say_unused
from portal.policies.document import RulesDocument
from portal.rulebooks.crosscheck import crosscheck
from portal.rulebooks.problems import Problem, problems_of

_START = "in_force_from"
#: Not part of the rules themselves.
_OUTSIDE = frozenset({"once", "csrf_token", _START, "words_kept", "never_kept"})
_TEXTS = ("summary", "booking", "fee", "cancel", "illness", "belongings")


class RulesForm(RulesFields):
    """Rules as typed. ``document`` gives them, or says at which fields they go wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what was sent; the choices hang on what the text names.

        The fields stand in the order of the page, and so do their problems above it.
        """
        super().__init__(*args, **kwargs)
        in_order = sorted(self, key=lambda field: place_on_page(field.name))
        self._fields = {field.name: field for field in in_order}
        offer(self)

    def document(self) -> RulesDocument | None:
        """Return the rules, or ``None`` with a problem at every field that has one."""
        content, rest = Content(self), Rest(self.rest.data)
        by_field = content.of_all()
        wrong = [*rest.mistakes, *rest.twice(by_field, _blank())]
        if wrong:
            self.rest.errors = [*self.rest.errors, *wrong]
        wrong += say_unused(self)
        written = by_field | rest.content
        try:
            document = RulesDocument.model_validate(written)
        except ValidationError as error:
            self._mark(problems_of(error, written), content, rest)
            return None
        problems = crosscheck(document)
        self._mark(problems, content, rest)
        return None if problems or wrong else document

    def kinds_in_text(self) -> dict[str, str]:
        """Return the names of the parts with fields that stand as text all the same, by kind."""
        content = self.rest_content()
        return {kind: _(name) for kind, name in FORM_KINDS.items() if kind in content}

    def rest_content(self) -> dict[str, Any]:
        """Return the kinds that the text says, as plain data; none where it cannot be read."""
        return Rest(self.rest.data).content

    def _mark(self, problems: Iterable[Problem], content: Content, rest: Rest) -> None:
        """Say each problem at its field, or at its line of the text."""
        for problem in problems:
            if rest.has(problem.path):
                self.rest.errors = [*self.rest.errors, rest.said(problem.path, problem.words)]
                continue
            name = content.field_at(problem.path)
            if name is None:
                self.form_errors.append(problem.words)
                continue
            name, words = remedy(name, problem.words)
            field = self[name]
            if isinstance(field, SelectFieldBase) and not field.data:
                words = _("どれかをえらんでください")
            said = _("%(label)s：%(words)s") % {"label": field.label.text, "words": words}
            field.errors = [*field.errors, said]

    def typed(self) -> dict[str, Any]:
        """Return everything typed, to keep as a draft; of the day to begin its three parts."""
        kept = {field.name: field.data for field in self if field.name not in _OUTSIDE}
        return {**kept, _START: list(self.in_force_from.typed.values())}

    def show_typed(self, typed: Mapping[str, Any]) -> None:
        """Fill in what a draft holds; fields that came after it stay as they usually are."""
        for field in self:
            if typed and field.name not in _OUTSIDE:
                field.data = typed[field.name] if field.name in typed else _usual(field)
        offer(self)

    def show_start(self, typed: Mapping[str, Any]) -> None:
        """Fill in the day to begin that a draft holds; one without any leaves what is proposed."""
        parts = zip(self.in_force_from.typed, typed.get(_START, ()), strict=False)
        sent = {f"{_START}-{part}": text for part, text in parts if text}
        if sent:
            self.in_force_from.process(MultiDict(sent))

    def show(self, document: RulesDocument) -> None:
        """Fill in a document; fields it says nothing of become empty.

        A kind that its fields cannot say whole stands as text in the last field.
        """
        beyond = beyond_fields(document)
        self.show_fields(without(document, beyond))
        self.rest.data = rest_text(document, beyond)
        offer(self)

    def show_fields(self, document: RulesDocument) -> None:
        """Fill in what the fields can say of a document.

        Raises:
            LookupError: it has a form that no field knows.
        """
        for field in self:
            if field.name not in _OUTSIDE:
                field.data = _usual(field)
        for name, value in _fields_of(document.model_dump(mode="json")).items():
            is_as_is = isinstance(value, bool | list)
            self[name].data = value if is_as_is else "" if value is None else str(value)
        offer(self)


def beyond_fields(document: RulesDocument) -> set[str]:
    """Return the kinds of a document that the fields cannot say, or not whole."""
    said, form = said_kinds(document), RulesForm(formdata=None)
    return {k for k in said if k not in FORM_KINDS or not _comes_back(document, k, form)}


def _comes_back(document: RulesDocument, kind: str, form: RulesForm) -> bool:
    """Say whether a kind is the same once it has gone through its fields, those of ``form``."""
    alone = without(document, said_kinds(document) - {kind})
    try:
        form.show_fields(alone)
        # Beside the other kinds: a price may name what another one says.
        written = document.model_dump(mode="json", exclude={kind}) | _only(kind, Content(form))
        back = RulesDocument.model_validate(written)
    except (LookupError, TypeError, ValueError):  # the fields know no such form of it
        return False
    is_offered = all(_is_offered(field) for field in form)
    return is_offered and bool(getattr(back, kind) == getattr(document, kind))


def _usual(field: Field) -> Any:
    """Return what a field holds where nothing is said."""
    empty: Any = [] if isinstance(field, SelectMultipleField) else ""
    return False if isinstance(field, BooleanField) else field.default or empty


def _only(kind: str, content: Content) -> dict[str, Any]:
    return {name: part for name, part in content.of_all().items() if name == kind}


def _is_offered(field: Field) -> bool:
    """Say whether what a field of choices holds is among its choices."""
    if not isinstance(field, SelectFieldBase):
        return True
    offered = {str(choice.value) for choice in field.choices}
    chosen = field.data if isinstance(field.data, list) else [field.data]
    return {str(one) for one in chosen} <= offered


def _blank() -> dict[str, Any]:
    """Return what empty fields say."""
    form = RulesForm(formdata=None)
    form.show_fields(RulesDocument())
    return Content(form).of_all()


def _fields_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a document's plain data."""
    found: dict[str, Any] = {"title": content["title"]}
    found |= {f"text_{name}": content["texts"][name] for name in _TEXTS}
    if age := content["age"]:
        for end in ("min", "max"):
            limit = age[end] or {"unit": "", "value": None}
            found[f"age_{end}_unit"] = limit["unit"]
            found[f"age_{end}"] = None if limit["unit"] == "school_entry" else limit["value"]
        found |= {"age_reference": age["reference"], "age_reading": age["reading"]}
    found |= registration_fields(content["registration"])
    found |= application_fields(content["application"])
    found |= record_fields(content["record"])
    found |= _steps_fields(content["steps"] or {"steps": ()})
    found |= _window_fields(content["booking_window"] or {})
    found |= _units_fields(content["units"])
    found |= fee_fields(content["fee"])
    found |= caps_fields(content["caps"])
    found |= cancel_fields(content["cancel"])
    found |= no_show_fields(content["no_show"])
    return found


def _steps_fields(rule: Mapping[str, Any]) -> dict[str, Any]:
    # What most nurseries say, as long as nobody has said anything.
    found: dict[str, Any] = {"trial_may_be_prolonged": True, "trial_counts": True}
    for n, step in enumerate(rule["steps"][:ROWS]):
        found |= {f"step_{n}_{name}": step[name] for name in ("kind", "demand", "before", "words")}
        found[f"step_{n}_opens"] = list(step["opens"])
        if step["trial"]:
            found |= _trial_fields(step["trial"])
    return found


def _trial_fields(trial: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "trial_fee": trial["fee"],
        "trial_fixed_yen": trial["fixed_yen"],
        "trial_may_be_prolonged": trial["may_be_prolonged"],
        "trial_counts": trial["counts_toward_caps"],
    }
    for n, part in enumerate(trial["parts"][:ROWS]):
        found[f"part_{n}_minutes"] = part["longest_minutes"]
        found[f"part_{n}_guardian"] = "yes" if part["with_guardian"] else ""
        found[f"part_{n}_ends"] = part["ends_by"]
    return found


def _window_fields(window: Mapping[str, Any]) -> dict[str, Any]:
    opens = window.get("opens")
    found: dict[str, Any] = {"opens_kind": "always"}
    if opens:
        found = {"opens_at": opens["at"], "opens_shift": opens["shift"]}
        found["opens_kind"] = opens["kind"]
        if opens["kind"] == "monthly":
            found |= {"opens_day": opens["day"], "opens_months_before": opens["months_before"]}
        if opens["kind"] == "rolling":
            kind = "days" if opens["days"] is not None else "months"
            found |= {"opens_kind": kind, "opens_number": opens[kind]}
            found["opens_missing"] = opens["when_day_is_missing"]
    found["notice_minutes"] = window.get("notice_minutes") or None
    return found | deadline_fields(window.get("closes"), "closes")


def _units_fields(units: Mapping[str, Any] | None) -> dict[str, Any]:
    if units is None:
        return {"units_kind": "any"}
    found: dict[str, Any] = {"units_kind": "blocks" if units["blocks"] else "free"}
    found |= {name: units[name] for name in ("grid_minutes", "min_minutes", "max_minutes")}
    if units["start_cells"] is not None:
        found["start_times"] = " ".join(cell_label(cell) for cell in sorted(units["start_cells"]))
    same = {name: name for name in ("label", "starts", "ends")}
    return found | row_fields("block", units["blocks"], same)
