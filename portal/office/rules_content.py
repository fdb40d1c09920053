"""What was typed into a rules form as the plain data of a document, with the field of each part."""

from __future__ import annotations

from typing import Any

from portal.office.rules_application import application_content
from portal.office.rules_cancel import cancel_content, no_show_content
from portal.office.rules_caps import caps_content
from portal.office.rules_fee import fee_content
from portal.office.rules_inputs import ROWS
from portal.office.rules_record import record_content
from portal.office.rules_registration import registration_content
from portal.office.rules_typed import Typed, clock, plain
from portal.rulebooks.reading.mistakes import Path

_OF_PART = ("minutes", "ends")
_TEXTS = ("summary", "booking", "fee", "cancel", "illness", "belongings")


class Content(Typed):
    """The plain data of a document, and which field each part of it came from."""

    def of_all(self) -> dict[str, Any]:
        """Return the whole document."""
        texts = {
            name: self.text(("texts", name), f"text_{name}")
            for name in _TEXTS
            if self.form[f"text_{name}"].data
        }
        content = {
            "title": self.text(("title",), "title"),
            "age": self._age(),
            "registration": self._registration(),
            "application": application_content(self.form, self.fields),
            "steps": self._steps(),
            "booking_window": self._window(),
            "units": self._units(),
            "fee": fee_content(self),
            "caps": caps_content(self),
            "cancel": cancel_content(self),
            "no_show": no_show_content(self),
            "record": record_content(self.form, self.text),
            "texts": texts,
        }
        return {name: part for name, part in content.items() if part is not None}

    def _age(self) -> dict[str, Any] | None:
        content: dict[str, Any] = {}
        for end in ("min", "max"):
            unit = self.form[f"age_{end}_unit"].data
            if unit:
                content[end] = {"unit": unit}
                if unit != "school_entry":
                    content[end]["value"] = self.given(("age", end, "value"), f"age_{end}")
        reference = self.form.age_reference.data or "day_of_use"
        reading = self.form.age_reading.data or "birthday"
        if not content and (reference, reading) == ("day_of_use", "birthday"):
            return None
        return {**content, "reference": reference, "reading": reading}

    def _registration(self) -> dict[str, Any] | None:
        found = registration_content(self.form, self.text)
        self.fields.setdefault(("registration",), "registration_months")
        return found

    def _steps(self) -> dict[str, Any] | None:
        found: list[dict[str, Any]] = []
        for n in range(ROWS):
            kind = self.form[f"step_{n}_kind"].data
            if not kind:
                continue
            at: Path = ("steps", "steps", len(found))
            self.fields[at] = self.fields[(*at, "kind")] = f"step_{n}_kind"
            for name in ("demand", "before", "opens"):
                self.fields[(*at, name)] = f"step_{n}_{name}"
            step: dict[str, Any] = {
                "kind": kind,
                "demand": self.form[f"step_{n}_demand"].data or "required",
                "before": self.form[f"step_{n}_before"].data or "use",
                "opens": list(self.form[f"step_{n}_opens"].data or ()),
                "words": self.text((*at, "words"), f"step_{n}_words"),
            }
            if kind == "trial_care":
                step["trial"] = self._trial((*at, "trial"))
            found.append(step)
        self.fields.setdefault(("steps",), "step_0_kind")
        return {"steps": found} if found else None

    def _trial(self, at: Path) -> dict[str, Any]:
        parts: list[dict[str, Any]] = []
        self.fields[(*at, "parts")] = "part_0_minutes"
        for n in range(ROWS):
            here = (*at, "parts", len(parts))
            minutes, ends = (plain(self.form[f"part_{n}_{name}"].data) for name in _OF_PART)
            guardian = self.form[f"part_{n}_guardian"].data
            if not (minutes or ends or guardian):
                continue
            part: dict[str, Any] = {"with_guardian": bool(guardian)}
            given = self.given((*here, "longest_minutes"), f"part_{n}_minutes")
            if given:
                part["longest_minutes"] = given
            self.fields[here] = f"part_{n}_minutes"
            if ends:
                part["ends_by"] = self.clock((*here, "ends_by"), f"part_{n}_ends")
            parts.append(part)
        fee = self.form.trial_fee.data or "usual"
        trial: dict[str, Any] = {
            "parts": parts,
            "may_be_prolonged": bool(self.form.trial_may_be_prolonged.data),
            "counts_toward_caps": bool(self.form.trial_counts.data),
            "fee": fee,
        }
        if fee == "fixed":
            trial["fixed_yen"] = self.given((*at, "fixed_yen"), "trial_fixed_yen")
        self.fields.setdefault(at, "trial_fixed_yen" if parts else "part_0_minutes")
        return trial

    def _window(self) -> dict[str, Any] | None:
        content: dict[str, Any] = {}
        kind = self.form.opens_kind.data
        if kind and kind != "always":
            content["opens"] = self._opens(str(kind))
        if self.form.closes_days.data:
            content["closes"] = self.deadline(("booking_window", "closes"), "closes")
        notice = self.text(("booking_window", "notice_minutes"), "notice_minutes")
        if notice:
            content["notice_minutes"] = notice
        return content or None

    def _opens(self, kind: str) -> dict[str, Any]:
        at: Path = ("booking_window", "opens")
        content: dict[str, Any] = {
            "at": self.clock((*at, "at"), "opens_at"),
            "shift": self.form.opens_shift.data or "none",
        }
        if kind == "half_month":
            return {"kind": kind, **content}
        if kind == "monthly":
            day = self.form.opens_day.data
            self.fields[(*at, "day")] = "opens_day"
            content["day"] = day if day == "last" else int(day or 1)
            content["months_before"] = self.given((*at, "months_before"), "opens_months_before")
            return {"kind": kind, **content}
        content[kind] = self.given((*at, kind), "opens_number")
        missing = self.form.opens_missing.data or "last_day"
        return {"kind": "rolling", **content, "when_day_is_missing": missing}

    def _units(self) -> dict[str, Any] | None:
        kind = self.form.units_kind.data
        if kind in {None, "", "any"}:
            return None
        content: dict[str, Any] = {}
        for name in ("grid_minutes", "min_minutes", "max_minutes"):
            if written := self.text(("units", name), name):
                content[name] = written
        self.fields.setdefault(("units",), "min_minutes")
        if starts := self.text(("units", "start_cells"), "start_times"):
            content["start_cells"] = [_cell(word) for word in starts.replace(",", " ").split()]
        if kind == "blocks":
            content["blocks"] = self.rows(
                ("units", "blocks"), "block", {"label": "", "starts": "clock", "ends": "clock"}
            )
        return content


def _cell(written: str) -> int | str:
    hours, colon, minutes = clock(written).partition(":")
    if colon and hours.isdigit() and minutes in {"00", "30"}:
        return int(hours) * 2 + (minutes == "30")
    return written
