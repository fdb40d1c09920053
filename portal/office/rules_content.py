"""What was typed into a rules form as the plain data of a document, with the field of each part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.office.rules_application import application_content
from portal.office.rules_caps import caps_content
from portal.office.rules_fields import ROWS
from portal.office.rules_record import record_content
from portal.office.rules_registration import registration_content
from portal.rulebooks.reading.mistakes import Path

_FULL_WIDTH = str.maketrans("０１２３４５６７８９：，、　", "0123456789:,, ")
_OF_PART = ("minutes", "ends")
_TEXTS = ("summary", "booking", "fee", "cancel", "illness", "belongings")


class Content:
    """The plain data of a document, and which field each part of it came from."""

    def __init__(self, form: Any) -> None:
        self._form = form
        self._fields: dict[Path, str] = {}

    def field_at(self, path: Path) -> str | None:
        """Return the field of a place, or of what holds it."""
        while path:
            if path in self._fields:
                return self._fields[path]
            inside = [at for at in self._fields if at[: len(path)] == path]
            if inside:
                return self._fields[inside[0]]
            path = path[:-1]
        return None

    def of_all(self) -> dict[str, Any]:
        """Return the whole document."""
        texts = {
            name: self._text(("texts", name), f"text_{name}")
            for name in _TEXTS
            if self._form[f"text_{name}"].data
        }
        content = {
            "title": self._text(("title",), "title"),
            "age": self._age(),
            "registration": self._registration(),
            "application": application_content(self._form, self._fields),
            "steps": self._steps(),
            "booking_window": self._window(),
            "units": self._units(),
            "fee": self._fee(),
            "caps": caps_content(self._form, self._text, self._fields),
            "cancel": self._cancel(),
            "record": record_content(self._form, self._text),
            "texts": texts,
        }
        return {name: part for name, part in content.items() if part is not None}

    def _age(self) -> dict[str, Any] | None:
        content: dict[str, Any] = {}
        for end in ("min", "max"):
            unit = self._form[f"age_{end}_unit"].data
            if unit:
                content[end] = {"unit": unit}
                if unit != "school_entry":
                    content[end]["value"] = self._given(("age", end, "value"), f"age_{end}")
        reference = self._form.age_reference.data or "day_of_use"
        reading = self._form.age_reading.data or "birthday"
        if not content and (reference, reading) == ("day_of_use", "birthday"):
            return None
        return {**content, "reference": reference, "reading": reading}

    def _registration(self) -> dict[str, Any] | None:
        found = registration_content(self._form, self._text)
        self._fields.setdefault(("registration",), "registration_months")
        return found

    def _steps(self) -> dict[str, Any] | None:
        found: list[dict[str, Any]] = []
        for n in range(ROWS):
            kind = self._form[f"step_{n}_kind"].data
            if not kind:
                continue
            at: Path = ("steps", "steps", len(found))
            self._fields[at] = self._fields[(*at, "kind")] = f"step_{n}_kind"
            for name in ("demand", "before", "opens"):
                self._fields[(*at, name)] = f"step_{n}_{name}"
            step: dict[str, Any] = {
                "kind": kind,
                "demand": self._form[f"step_{n}_demand"].data or "required",
                "before": self._form[f"step_{n}_before"].data or "use",
                "opens": list(self._form[f"step_{n}_opens"].data or ()),
                "words": self._text((*at, "words"), f"step_{n}_words"),
            }
            if kind == "trial_care":
                step["trial"] = self._trial((*at, "trial"))
            found.append(step)
        self._fields.setdefault(("steps",), "step_0_kind")
        return {"steps": found} if found else None

    def _trial(self, at: Path) -> dict[str, Any]:
        parts: list[dict[str, Any]] = []
        self._fields[(*at, "parts")] = "part_0_minutes"
        for n in range(ROWS):
            here = (*at, "parts", len(parts))
            minutes, ends = (_plain(self._form[f"part_{n}_{name}"].data) for name in _OF_PART)
            guardian = self._form[f"part_{n}_guardian"].data
            if not (minutes or ends or guardian):
                continue
            part: dict[str, Any] = {"with_guardian": bool(guardian)}
            given = self._given((*here, "longest_minutes"), f"part_{n}_minutes")
            if given:
                part["longest_minutes"] = given
            self._fields[here] = f"part_{n}_minutes"
            if ends:
                part["ends_by"] = self._clock((*here, "ends_by"), f"part_{n}_ends")
            parts.append(part)
        fee = self._form.trial_fee.data or "usual"
        trial: dict[str, Any] = {
            "parts": parts,
            "may_be_prolonged": bool(self._form.trial_may_be_prolonged.data),
            "counts_toward_caps": bool(self._form.trial_counts.data),
            "fee": fee,
        }
        if fee == "fixed":
            trial["fixed_yen"] = self._given((*at, "fixed_yen"), "trial_fixed_yen")
        self._fields.setdefault(at, "trial_fixed_yen" if parts else "part_0_minutes")
        return trial

    def _window(self) -> dict[str, Any] | None:
        content: dict[str, Any] = {}
        kind = self._form.opens_kind.data
        if kind and kind != "always":
            content["opens"] = self._opens(str(kind))
        if self._form.closes_days.data:
            content["closes"] = self._deadline(("booking_window", "closes"), "closes")
        notice = self._text(("booking_window", "notice_minutes"), "notice_minutes")
        if notice:
            content["notice_minutes"] = notice
        return content or None

    def _opens(self, kind: str) -> dict[str, Any]:
        at: Path = ("booking_window", "opens")
        content: dict[str, Any] = {
            "at": self._clock((*at, "at"), "opens_at"),
            "shift": self._form.opens_shift.data or "none",
        }
        if kind == "half_month":
            return {"kind": kind, **content}
        if kind == "monthly":
            day = self._form.opens_day.data
            self._fields[(*at, "day")] = "opens_day"
            content["day"] = day if day == "last" else int(day or 1)
            content["months_before"] = self._given((*at, "months_before"), "opens_months_before")
            return {"kind": kind, **content}
        content[kind] = self._given((*at, kind), "opens_number")
        missing = self._form.opens_missing.data or "last_day"
        return {"kind": "rolling", **content, "when_day_is_missing": missing}

    def _deadline(self, at: Path, name: str) -> dict[str, Any]:
        return {
            "days": self._given((*at, "days"), f"{name}_days"),
            "at": self._clock((*at, "at"), f"{name}_at") or "24:00",
            "counting": self._form[f"{name}_counting"].data or "calendar",
            "shift": self._form[f"{name}_shift"].data or "none",
        }

    def _units(self) -> dict[str, Any] | None:
        kind = self._form.units_kind.data
        if kind in {None, "", "any"}:
            return None
        content: dict[str, Any] = {}
        for name in ("grid_minutes", "min_minutes", "max_minutes"):
            if written := self._text(("units", name), name):
                content[name] = written
        self._fields.setdefault(("units",), "min_minutes")
        if starts := self._text(("units", "start_cells"), "start_times"):
            content["start_cells"] = [_cell(word) for word in starts.replace(",", " ").split()]
        if kind == "blocks":
            content["blocks"] = self._rows(
                ("units", "blocks"), "block", {"label": "", "starts": "clock", "ends": "clock"}
            )
        return content

    def _fee(self) -> dict[str, Any] | None:
        kind = self._form.tariff.data
        if kind in {None, "", "none"}:
            return None
        at: Path = ("fee", "tariff")
        columns = {"below_age:below": ""}
        length: dict[str, str | None]
        if kind == "hourly":
            columns["yen"] = ""
            length = {"unit_minutes": self._text((*at, "unit_minutes"), "unit_minutes") or "60"}
        else:
            columns |= {"half_day_yen:half": "", "day_yen:day": ""}
            written = self._given((*at, "half_day_minutes"), "half_day_minutes")
            length = {"half_day_minutes": written}
        bands = self._rows((*at, "bands"), "band", columns)
        self._fields.setdefault((*at, "bands"), "band_0_below")
        self._fields.setdefault(at, "band_0_below")
        content: dict[str, Any] = {
            "age_basis": self._form.age_basis.data or "class_age",
            "tariff": {"kind": kind, **length, "bands": bands},
            "per_use": self._rows(
                ("fee", "per_use"), "item", {"label": "", "yen": "", "at": "clock"}
            ),
        }
        if self._form.siblings.data:
            content["siblings"] = {
                name: self._given(("fee", "siblings", name), name)
                for name in ("second_percent", "third_percent")
            }
        return content

    def _cancel(self) -> dict[str, Any] | None:
        if self._form.cancel_kind.data != "rule":
            return None
        at: Path = ("cancel",)
        content: dict[str, Any] = {
            "free_until": self._deadline((*at, "free_until"), "free"),
            "late_online": bool(self._form.late_online.data),
            "waived": list(self._form.waived.data or ()),
        }
        kind = self._form.late_kind.data
        if kind == "percent":
            percent = self._given((*at, "late_fee", "percent"), "late_percent")
            of = self._form.late_of.data or "care"
            content["late_fee"] = {"kind": kind, "percent": percent, "of": of}
        elif kind == "flat":
            written = self._given((*at, "late_fee", "yen"), "late_yen")
            content["late_fee"] = {"kind": kind, "yen": written}
        return content

    def _rows(self, at: Path, name: str, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the rows of which something is filled in; ``key:field`` where names differ."""
        found: list[dict[str, Any]] = []
        for n in range(ROWS):
            row: dict[str, Any] = {}
            here = (*at, len(found))
            places: dict[Path, str] = {}
            for column, kind in columns.items():
                key, _colon, field = column.partition(":")
                field_name = f"{name}_{n}_{field or key}"
                written = _plain(self._form[field_name].data)
                places.setdefault(here, field_name)
                places[(*here, key)] = field_name
                if written:
                    row[key] = _clock(written) if kind else written
            if row:
                found.append(row)
                self._fields.update(places)
        return found

    def _given(self, path: Path, name: str) -> str | None:
        """Return a number as typed; nothing typed is a problem the document names."""
        return self._text(path, name) or None

    def _text(self, path: Path, name: str) -> str:
        self._fields[path] = name
        written = self._form[name].data or ""
        is_words = name.startswith("text_") or name.endswith("_words") or name == "title"
        return str(written).replace("\r\n", "\n").strip() if is_words else _plain(written)

    def _clock(self, path: Path, name: str) -> str:
        return _clock(self._text(path, name))


def _plain(written: object) -> str:
    return " ".join(str(written or "").translate(_FULL_WIDTH).split())


def _clock(written: str) -> str:
    """Return ``09:00`` for ``9:00`` or ``9時``; anything else as it is, for the document to say."""
    plain = written.replace("時半", ":30").replace("時", ":00")
    hours, colon, minutes = plain.partition(":")
    return f"{hours.zfill(2)}:{minutes}" if colon and hours.isdigit() else plain


def _cell(written: str) -> int | str:
    hours, colon, minutes = _clock(written).partition(":")
    if colon and hours.isdigit() and minutes in {"00", "30"}:
        return int(hours) * 2 + (minutes == "30")
    return written
