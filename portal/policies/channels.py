"""Kind G9, channels: by which way each thing can be asked for, and in which desk hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.clock import JST
from portal.kernel.errors import Reason
from portal.policies.calendar import WEEKDAYS, FacilityCalendar, Weekday
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import ClockTime, Rule, moment_on


class ChannelName(StrEnum):
    """The ways; those that bookings keep have the names of ``kernel.channel``."""

    WEB = "web"
    PHONE = "phone"
    COUNTER = "counter"
    POST = "post"
    FAX = "fax"
    MAIL = "mail"
    MAIL_FORM = "mail_form"
    LINE = "line"
    WARD_OFFICE = "ward_office"


CHANNEL_WORDS: Mapping[ChannelName, str] = MappingProxyType(
    {
        ChannelName.WEB: "インターネット",
        ChannelName.PHONE: "電話",
        ChannelName.COUNTER: "園の窓口",
        ChannelName.POST: "郵便",
        ChannelName.FAX: "FAX",
        ChannelName.MAIL: "メール",
        ChannelName.MAIL_FORM: "メールフォーム",
        ChannelName.LINE: "LINE",
        ChannelName.WARD_OFFICE: "市区町村の窓口",
    }
)


class Action(StrEnum):
    """What can be asked for."""

    REGISTER = "register"
    INTERVIEW = "interview"
    BOOK = "book"
    CHANGE = "change"
    CANCEL = "cancel"
    ASK = "ask"
    APPLY_FOR_TERM = "apply_for_term"


ACTION_WORDS: Mapping[Action, str] = MappingProxyType(
    {
        Action.REGISTER: "登録の申し込み",
        Action.INTERVIEW: "面談や見学の予約",
        Action.BOOK: "予約",
        Action.CHANGE: "変更",
        Action.CANCEL: "取り消し",
        Action.ASK: "質問・相談",
        Action.APPLY_FOR_TERM: "定期利用の申し込み",
    }
)


class DeskHours(Rule):
    """Clock times (JST) in which a way is open: ``starts <= t < ends``, on open days alone."""

    weekdays: tuple[Weekday, ...] = Field(
        default=(),
        description="曜日（書かなければ、開いている日はいつも）",
        examples=[["mon", "tue"]],
    )
    starts: ClockTime = Field(description="この時刻から", examples=["09:30"])
    ends: ClockTime = Field(description="この時刻まで（この時刻は含まない）", examples=["10:30"])

    @model_validator(mode="after")
    def _ends_after_start(self) -> DeskHours:
        if self.ends <= self.starts:
            raise ValueError("desk hours end after they begin")
        return self

    def holds(self, at: datetime) -> bool:
        """Say whether a moment lies in them; the day's being open is not looked at."""
        local = at.astimezone(JST)
        day = local.date()
        return (not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays) and (
            moment_on(day, self.starts) <= local < moment_on(day, self.ends)
        )


class Way(Rule):
    """One way, for these actions. No desk hours: at any time."""

    channel: ChannelName = Field(description="方法", examples=["phone"])
    actions: tuple[Action, ...] = Field(
        default=(),
        description="この方法でできること（書かなければすべて）",
        examples=[["book", "cancel"]],
    )
    desk: tuple[DeskHours, ...] = Field(
        default=(),
        description="受付の時間（書かなければ、いつでも）",
        examples=[[{"starts": "13:00", "ends": "15:00"}]],
    )
    on_closed_days: bool = Field(
        default=False,
        description="trueなら、休みの日も受付の時間に受ける（受付の時間があるときだけ関わる）",
        examples=[True],
    )
    words: str = Field(
        default="", max_length=200, description="番号や宛先など", examples=["03-0000-0000"]
    )

    def offers(self, action: Action) -> bool:
        """Say whether an action can be done by this way."""
        return not self.actions or action in self.actions

    def is_open(self, at: datetime, calendar: FacilityCalendar) -> bool:
        """Say whether the way is open at an aware moment."""
        if not self.desk:
            return True
        is_closed_day = not calendar.for_deadlines.is_open(at.astimezone(JST).date())
        if is_closed_day and not self.on_closed_days:
            return False
        return any(hours.holds(at) for hours in self.desk)

    @property
    def hours_words(self) -> tuple[str, ...]:
        """The desk hours as short words (Japanese): ``月・火 9:30〜10:30``."""
        return tuple(_hours_words(hours) for hours in self.desk)


class ChannelsRule(Rule):
    """By which ways families can ask. Staff may enter what came by any of them.

    The order among wishes goes by the moment of receipt, whatever the way.
    """

    ways: tuple[Way, ...] = Field(
        min_length=1,
        description="方法ごとに、できることと受付の時間。同じ方法を2つ書いてもよい",
        examples=[[{"channel": "web"}, {"channel": "phone", "actions": ["cancel"]}]],
    )

    def offered(self, action: Action) -> tuple[ChannelName, ...]:
        """Return the ways by which an action can be done, each once, in the order written."""
        return tuple(dict.fromkeys(way.channel for way in self.ways if way.offers(action)))

    def reasons(
        self,
        channel: str | None,
        asked_at: datetime,
        calendar: FacilityCalendar,
        action: Action = Action.BOOK,
    ) -> Iterator[Reason]:
        """Yield that the way does not take this, or not at the moment of receipt.

        Nothing where nobody knows the way.
        """
        if channel is None:
            return
        ways = [way for way in self.ways if way.channel == channel and way.offers(action)]
        if not ways:
            names = tuple(CHANNEL_WORDS[name] for name in self.offered(action))
            yield Reason(BookingRefusal.CHANNEL_NOT_OFFERED, {"channels": names})
        elif not any(way.is_open(asked_at, calendar) for way in ways):
            hours = tuple(words for way in ways for words in way.hours_words)
            yield Reason(BookingRefusal.DESK_CLOSED, {"hours": hours})


def _hours_words(hours: DeskHours) -> str:
    days = "・".join("月火水木金土日"[WEEKDAYS.index(day)] for day in hours.weekdays)
    clock = f"{_clock(hours.starts)}〜{_clock(hours.ends)}"
    return f"{days} {clock}" if days else clock


def _clock(written: ClockTime) -> str:
    return f"{int(written[:2])}:{written[3:]}"
