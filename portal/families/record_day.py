"""What the day needs of a record, in few words for staff: board, day sheet, card. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.families.record_lines import line_of, plain
from portal.families.record_parts import Section
from portal.families.record_rules import Answers
from portal.families.record_sections import (
    ALLERGIES,
    BY_KEY,
    DONE,
    FEEDING,
    FORBIDDEN,
    HABITS,
    HEALTH,
    NO,
    NOT_YET,
    OTHER,
    SLEEP,
    TOILET,
    YES,
)

#: What is said of an allergy after what the child must not have.
_CARE = ("what_to_do", "kept_medicine")


@dataclass(frozen=True, slots=True)
class DayLines:
    """What the board and the day's paper show; ``allergies`` is ``None`` while nobody asked."""

    allergies: str | None
    conditions: str
    habits: str
    notes: str


#: What a line of the board calls an answer: it has less room than a page.
_SHORT = {
    "illnesses": "病歴",
    "fits": "けいれん",
    "fits_note": "さいごのけいれん",
    "medicine": "薬",
    "milk": "ミルク",
    "milk_amount": "量・時刻",
    "weaning": "離乳食",
    "nap_times": "昼ね",
    "stage": "トイレ",
    "calm": "泣いたら",
}


@dataclass(slots=True)
class _Words:
    """Gathers 「label：text」 of some questions of a section."""

    answers: Mapping[str, Answers]
    said: list[str] = field(default_factory=list)

    def take(self, section: Section, *keys: str, bare: bool = False) -> _Words:
        answers = self.answers.get(section.key, {})
        for key in keys:
            if answers.get(key):
                question = section.question(key)
                text = plain(line_of(question, answers[key], bare=False))
                self.said.append(text if bare else f"{_SHORT.get(key, question.label)}：{text}")
        return self


def day_lines(answers: Mapping[str, Answers]) -> DayLines:
    """Return what the day needs of a record, from the answers by section. Closed ones are not."""
    health = _Words(answers).take(HEALTH, "conditions", bare=True)
    if answers.get(HEALTH.key, {}).get("fits") == YES:
        health.take(HEALTH, "fits", "fits_note")
    health.take(HEALTH, "medicine", "illnesses")
    life = _Words(answers).take(HABITS, "habits", bare=True)
    life.take(FEEDING, "milk", "milk_amount", "weaning").take(SLEEP, "nap_times", "nap_how")
    life.take(TOILET, "stage").take(HABITS, "calm")
    return DayLines(
        allergies=allergy_words(answers.get(ALLERGIES.key, {})),
        conditions="\n".join(health.said),
        habits="\n".join(life.said),
        notes="\n".join(_Words(answers).take(OTHER, "notes", bare=True).said),
    )


def allergy_words(answers: Answers) -> str | None:
    """Return the allergies in lines; empty: asked, and there are none; ``None``: not asked."""
    said = answers.get("has_allergies")
    if said not in {YES, NO}:
        return None
    foods = answers.get("foods") or []
    table = ALLERGIES.question("foods")
    lines = [str(answers.get("allergies") or "")]
    forbidden = [
        row["food"] + (f"（{row['reaction']}）" if row.get("reaction") else "")
        for row in foods
        if row.get("state") == FORBIDDEN
    ]
    if forbidden:
        lines.append(f"{table.columns[1].word(FORBIDDEN)}：{'、'.join(forbidden)}")
    if answers.get("other_allergies"):
        lines.append(f"食べもののほか：{answers['other_allergies']}")
    if said == YES:
        lines += [
            f"{ALLERGIES.question(key).label}：{answers[key]}" for key in _CARE if answers.get(key)
        ]
    return "\n".join(filter(None, lines))


def allergy_parts(words: str) -> tuple[str, str]:
    """Return of ``allergy_words`` what the child must not have, and what is done when it did."""
    lines = words.split("\n")
    begins = tuple(f"{ALLERGIES.question(key).label}：" for key in _CARE)
    at = next((at for at, line in enumerate(lines) if line.startswith(begins)), len(lines))
    return "\n".join(lines[:at]), "\n".join(lines[at:])


def not_yet_eaten(answers: Answers) -> tuple[str, ...]:
    """Return foods that the child has not eaten yet: none of them is served for the first time."""
    rows = answers.get("foods") or ()
    return tuple(row["food"] for row in rows if row.get("state") == NOT_YET)


def doses_done(answers: Answers) -> tuple[int, int]:
    """Return how many vaccinations are done, and how many are asked for."""
    rows = answers.get("doses") or ()
    asked = BY_KEY["vaccinations"].question("doses").rows
    return sum(row.get("state") == DONE for row in rows), len(asked)
