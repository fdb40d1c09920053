"""What families write into their children's records, by the child's age. All invented."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from portal.commands.demo_city.people import Household, Kid
from portal.families.record_rules import Answers
from portal.families.record_sections import ALLERGIES, VACCINATIONS
from portal.kernel.channel import Channel

#: Months from which most children have had what stands in the list of foods, in its order.
_EATEN_FROM: Final = (9, 8, 8, 7, 7, 14, 30, 24, 28, 30, 10, 7, 9)
#: Words in an allergy, and the food of the list that they forbid.
_FORBIDDEN: Final = (
    ("卵", 0),
    ("乳", 1),
    ("小麦", 2),
    ("えび", 5),
    ("落花生", 7),
    ("バナナ", 11),
)
#: Months at which doses are due, in the order of the list.
_DUE: Final = (
    *(2, 3, 8, 2, 3, 4, 2, 3, 4, 13, 2, 3, 4, 14, 6, 13, 64, 13, 19, 14, 64, 37, 38, 50, 999),
)
_PLAYS: Final = (
    "つみき、電車",
    "砂場、水あそび",
    "絵本、手あそびうた",
    "ボール、すべり台",
    "おままごと",
)
_CALMS: Final = (
    "抱っこして、外を見せると泣きやみます。",
    "背中をとんとんしてください。",
    "好きなタオルを持たせてください。",
    "お気に入りの絵本を読むと落ち着きます。",
)
_LIKES: Final = (
    "うどんとバナナが好きです。葉物はよけます。",
    "何でも食べます。熱いものは冷ましてください。",
    "ごはんが好きです。肉は小さく切ってください。",
)
_WHEN: Final = ("いつでも", "仕事中は出られないことがあります", "9時から15時は職場の電話へ")
_CLINICS: Final = (
    ("架空こどもクリニック", "000-5100-0001"),
    ("みほん小児科医院", "000-5100-0002"),
    ("見本台ファミリー医院", "000-5100-0003"),
)


def sections_of(
    kid: Kid, household: Household, now: date, dice: random.Random
) -> dict[str, Answers]:
    """Return what the family of a born child has written, by section."""
    months = (now - (kid.born_on or now)).days // 30
    found = {"allergies": _allergies(kid, months, dice), "contacts": _contacts(household, dice)}
    found["health"] = _health(kid, dice)
    # Who phones tells the most important; some others stop there too.
    if household.channel is not Channel.WEB or (household.number >= 100 and dice.random() < 0.2):  # noqa: PLR2004 - shares
        return found
    found["vaccinations"] = {"doses": list(_doses(kid.born_on or now, now))}
    found["feeding"] = _feeding(months, dice)
    found["sleep"] = _sleep(months)
    found["toilet"] = _toilet(months)
    found["habits"] = {"calm": kid.habits or dice.choice(_CALMS), "play": dice.choice(_PLAYS)}
    found["day"] = {"times": list(_day(months))}
    if dice.random() < 0.3:  # noqa: PLR2004 - some give their numbers
        found["insurance"] = {
            "insurance": f"架空 {dice.randrange(100, 1000)}・{dice.randrange(1000, 10000)}",
            "tax": dice.choice(("taxed", "taxed", "exempt", "unsaid")),
        }
    if dice.random() < 0.06:  # noqa: PLR2004 - a few need help
        found["development"] = {
            "development": "ことばがゆっくりです。健診で、様子を見ましょうと言われました。",
            "support": "短いことばで、絵を見せながら話してください。",
        }
    if dice.random() < 0.12:  # noqa: PLR2004
        found["other"] = {"notes": "上の子の送りがあるので、9時ごろに着きます。"}
    return found


def _allergies(kid: Kid, months: int, dice: random.Random) -> Answers:
    foods = ALLERGIES.question("foods").rows
    forbidden = {index for word, index in _FORBIDDEN if word in kid.allergies}
    table = []
    for index, (food, since) in enumerate(zip(foods, _EATEN_FROM, strict=True)):
        if index in forbidden:
            table.append({"food": food, "state": "forbidden", "reaction": "口のまわりが赤くなる"})
        elif months >= since:
            table.append({"food": food, "state": "eaten"})
        elif dice.random() < 0.7:  # noqa: PLR2004 - the others leave it open
            table.append({"food": food, "state": "not_yet"})
    if not kid.allergies:
        return {"has_allergies": "no", "foods": table}
    found: Answers = {
        "has_allergies": "yes",
        "allergies": kid.allergies,
        "what_to_do": "すぐに電話してください。息が苦しそうなときは、119番を先にお願いします。",
        "doctors_sheet": "yes",
        "foods": table,
    }
    if "エピペン" in kid.allergies:
        found["kept_medicine"] = "エピペン。事務室の棚。"
    return found


def _health(kid: Kid, dice: random.Random) -> Answers:
    clinic, phone = dice.choice(_CLINICS)
    has_fits = "けいれん" in kid.conditions
    found: Answers = {
        "fits": "yes" if has_fits else "no",
        **({"fits_note": kid.conditions.partition("。")[0]} if has_fits else {}),
        "temperature": f"36.{dice.randrange(4, 9)}度",
        "doctor": clinic,
        "doctor_phone": phone,
    }
    if kid.conditions:
        found["illnesses"] = kid.conditions
    return found


def _contacts(household: Household, dice: random.Random) -> Answers:
    people = [
        {"name": one.name, "relation": one.relation, "phone": one.phone, "when": dice.choice(_WHEN)}
        for one in household.adults
        if one.address is None  # who lives apart is no contact that the household names
    ]
    if household.pickup is not None:
        name, relation = household.pickup
        phone = f"000-3100-{household.number:04d}"
        people.append({"name": name, "relation": relation, "phone": phone, "when": "いつでも"})
    return {"contacts": people}


def _doses(born_on: date, now: date) -> Iterator[dict[str, str]]:
    for vaccine, due in zip(VACCINATIONS.question("doses").rows, _DUE, strict=True):
        day = born_on + timedelta(days=round(due * 30.44) + 6) if due < 100 else None  # noqa: PLR2004 - none is due then
        if day is not None and day < now:
            yield {"vaccine": vaccine, "state": "done", "day": day.isoformat()}
        elif day is not None and day < now + timedelta(days=120):
            yield {"vaccine": vaccine, "state": "open"}


def _feeding(months: int, dice: random.Random) -> Answers:
    if months < 6:  # noqa: PLR2004 - months of age
        return {"milk": "both", "milk_amount": "160mlを10時・13時・16時", "weaning": "not_begun"}
    if months < 12:  # noqa: PLR2004
        stage = "middle" if months < 9 else "late"  # noqa: PLR2004
        return {
            "milk": "formula",
            "milk_amount": "200mlを10時・15時",
            "weaning": stage,
            "likes": "おかゆとかぼちゃが好きです。",
        }
    is_small = months < 36  # noqa: PLR2004
    amount = "子ども茶わん1杯。スプーンを使います。" if is_small else "大人の半分。はしを練習中。"
    return {"milk": "none", "weaning": "done", "amount": amount, "likes": dice.choice(_LIKES)}


def _sleep(months: int) -> Answers:
    if months < 12:  # noqa: PLR2004 - months of age
        return {
            "nap_times": "9時半から1時間、13時から2時間",
            "nap_how": "抱っこ。あおむけにねかせます。",
        }
    if months < 48:  # noqa: PLR2004
        return {
            "nap_times": "12時半から2時間",
            "nap_how": "背中をとんとんします。",
            "night": "21時・7時",
        }
    return {"nap_times": "しません", "night": "20時半・6時半"}


def _toilet(months: int) -> Answers:
    if months < 24:  # noqa: PLR2004 - months of age
        return {"stage": "nappies"}
    if months < 40:  # noqa: PLR2004
        return {"stage": "training", "signs": "2時間おきに声をかけてください。"}
    return {"stage": "alone", "signs": "自分で言えます。"}


def _day(months: int) -> Iterator[dict[str, str]]:
    times = [("7時", "起きる、朝ごはん"), ("9時", "外あそび"), ("12時", "昼ごはん")]
    if months < 48:  # noqa: PLR2004 - months of age
        times.append(("12時半", "昼ね"))
    for hour, what in (*times, ("15時", "おやつ"), ("18時", "夕ごはん"), ("21時", "ねる")):
        yield {"time": hour, "what": what}
