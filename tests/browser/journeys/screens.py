"""What a person can do and read on the portal's pages. No asserts, no CSS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from playwright.sync_api import Locator, Page

from portal.documents.dates import jmonth


class Screen:
    """Any page: found by label and role, as a person or a screen reader finds it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def heading(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def said(self) -> str:
        """What the portal says about what was just done."""
        return self.page.get_by_role("status").inner_text()

    @property
    def problems(self) -> list[str]:
        return self.page.get_by_role("alert").get_by_role("listitem").all_inner_texts()

    @property
    def text(self) -> str:
        return self.page.get_by_role("main").inner_text()

    def press(self, name: str) -> None:
        self.go(self.page.get_by_role("button", name=name))

    def follow(self, name: str) -> None:
        self.go(self.page.get_by_role("link", name=name).first)

    def menu(self, name: str) -> None:
        """Follow a link of the site's navigation."""
        menu = self.page.get_by_role("navigation", name="おもなページ")
        link = menu.get_by_role("link", name=name, exact=True)
        if not link.count():  # on a phone, what does not fit stands behind a word
            menu.get_by_text("メニュー", exact=True).click()
        self.go(link)

    def sign_out(self) -> None:
        self.go(self.page.get_by_role("banner").get_by_role("button", name="ログアウト"))

    def write(self, label: str, words: str) -> None:
        self.page.get_by_label(label).fill(words)

    def choose(self, question: str, *answers: str) -> None:
        """Tick answers of a question asked with radios or boxes."""
        for answer in answers:
            begins = re.compile(rf"^\s*{re.escape(answer)}")
            self._group(question).get_by_label(begins).check()

    def pick(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.page.get_by_label(label).select_option(label=option)

    def date(self, question: str, day: date) -> None:
        group = self._group(question)
        for part, number in (("年", day.year), ("月", day.month), ("日", day.day)):
            group.get_by_label(part, exact=True).fill(str(number))

    def go(self, target: Locator) -> None:
        """Press or follow what leads to another page, and wait until it is there."""
        with self.page.expect_navigation():
            target.click()

    def _group(self, name: str) -> Locator:
        return self.page.get_by_role("group", name=name)


class SignUp(Screen):
    """From a mail address to an account."""

    def ask(self, mail: str) -> None:
        self.page.goto("/")
        self.follow("ログイン")
        self.follow("はじめての方：保護者の登録")
        self.write("メールアドレス", mail)
        self.press("メールを送る")

    def finish(self, link: str, name: str, password: str) -> None:
        self.page.goto(link)
        self.write("お名前", name)
        self.write("パスワード", password)
        self.press("登録する")


class Registration(Screen):
    """Guardian, children and their health, page after page."""

    def guardian(self, relation: str, phone: str) -> None:
        """The name is filled in already: the account knows it."""
        self.choose("お子さんとの関係", relation)
        self.write("電話番号", phone)
        self.press("登録して次へ")

    def child(self, name: str, born_on: date) -> None:
        self.page.get_by_role("textbox", name="お名前").fill(name)
        self.date("生年月日", born_on)
        self.press("登録して次へ")

    def health(self, *, allergies: str = "") -> None:
        self.choose("食物アレルギーはありますか", "ある" if allergies else "ない")
        if allergies:
            self.write("食べもの・出た症状", allergies)
        self.press("保存する")


class Application(Screen):
    """The guided form with which a family asks to be registered, part after part."""

    def children(self, *names: str) -> None:
        self.choose("お子さん", *names)
        self.press("保存して次へ")

    def health(self) -> None:
        self.press("保存して次へ")

    def words(self, words: str = "") -> None:
        self.write("園に伝えたいこと", words)
        self.press("保存して次へ")

    def photo(self, document: str, file: Path) -> None:
        """Hand in a document as a photo."""
        card = self.page.get_by_role("region", name=document)
        self.go(card.get_by_role("link", name="写真を渡す"))
        self.page.get_by_label("写真のファイル").set_input_files(file)
        self.press("この写真をわたす")
        self.follow("書類の一覧にもどる")

    def papers_later(self) -> None:
        """Promise every document on paper."""
        papers = self.page.get_by_role("link", name="写真を渡す・あとで渡す")
        for number in range(papers.count()):
            self.go(papers.nth(number))
            self.press("あとで紙で渡します")
        self.press("保存して次へ")

    def consents(self, answers: Mapping[str, str]) -> None:
        """Answer each consent on its own."""
        for question, answer in answers.items():
            card = self.page.get_by_role("region", name=question)
            card.get_by_label(answer, exact=True).check()
        self.press("保存して次へ")

    def send(self) -> None:
        self.press("この内容で申し込む")


class Facilities(Screen):
    """The list that needs no sign-in, and a facility's days behind it."""

    def search(self, day: date) -> None:
        self.page.get_by_label("利用する日").select_option(value=day.isoformat())
        self.press("空きを見る")

    def turn_to(self, day: date) -> None:
        """Go on from this month's calendar, if the day is not in it."""
        if not self.page.get_by_role("heading", name=jmonth(day), exact=True).count():
            self.go(self.page.get_by_role("link", name=re.compile(rf"{day.month}月$")).first)

    def choose_time(self, start: str, end: str) -> None:
        self.pick("はじまり", start)
        self.pick("おわり", end)
        self.press("この時刻にする")


class NewBooking(Screen):
    """A wish, its price, and only then the booking."""

    def wish(self, *children: str, purpose: str) -> None:
        self.choose("お子さん", *children)
        self.choose("利用の理由", purpose)
        self.press("料金を見る")

    @property
    def price(self) -> str:
        fee = self.page.get_by_role("region", name="料金")
        return fee.inner_text()

    def confirm(self) -> None:
        self.press("予約を確定する")


class OwnBooking(Screen):
    """A booking of the family's own."""

    def move(self, start: str, end: str) -> None:
        self.follow("日時を変える")
        self.pick("はじまり", start)
        self.pick("おわり", end)
        self.press("新しい料金を見る")

    def cancel(self) -> None:
        self.follow("取り消す")
        self.press("予約を取り消す")


class Door(Screen):
    """Invitation, second factor and sign-in of people who work with the portal."""

    def accept(self, link: str, password: str) -> None:
        """The name is filled in already, as the invitation has it."""
        self.page.goto(link)
        self.write("パスワード", password)
        self.press("招待を受ける")

    @property
    def secret(self) -> str:
        """What is typed into the app where its camera cannot read the picture."""
        (letters,) = re.findall(r"\b[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}\b", self.text)
        return str(letters).replace(" ", "")

    @property
    def recovery_codes(self) -> list[str]:
        return self.page.get_by_role("main").get_by_role("listitem").all_inner_texts()

    def give(self, code: str, *, button: str) -> None:
        self.page.get_by_role("textbox").fill(code)
        self.press(button)

    def sign_in(self, mail: str, password: str) -> None:
        self.write("メールアドレス", mail)
        self.write("パスワード", password)
        self.press("ログインする")


class Board(Screen):
    """The tablet at the wall."""

    def arrive(self, name: str) -> None:
        self.go(self._tap("登園", name))

    def depart(self, name: str) -> None:
        self.go(self._tap("降園", name))

    @property
    def missing(self) -> list[str]:
        """Return what stands out: who should have come long ago, and whom to call."""
        alarms = self.page.get_by_role("region", name="まだ来ていません")
        return [alarm.inner_text() for alarm in alarms.all()]

    def child(self, name: str) -> str:
        """Return what the board says of a child."""
        children = self.page.get_by_role("listitem")
        return children.filter(has=self.page.get_by_role("heading", name=name)).inner_text()

    def _tap(self, label: str, name: str) -> Locator:
        return self.page.get_by_role("button", name=re.compile(f"^(いま)?{label}.*{name}"))


class Caller(Screen):
    """A caller who is not known yet, entered while she speaks."""

    def look_up(self, words: str) -> None:
        self.follow("電話の予約を入れる")
        self.write("名前・ふりがな・電話番号・番号", words)
        self.press("さがす")

    def register(
        self,
        name: str,
        phone: str,
        child: str,
        born_on: date,
        *,
        allergies: str,
        is_accepted: bool = True,
    ) -> None:
        self.write("保護者のお名前", name)
        self.write("電話番号", phone)
        self.pick("お子さんとの関係", "父")
        self.write("お子さんのお名前", child)
        self.date("生年月日", born_on)
        self.choose("アレルギー", "ある")
        self.write("何のアレルギーですか", allergies)
        self.page.get_by_label("事前登録をいま受け入れます").set_checked(is_accepted)
        self.press("登録して、予約に進む")

    def book(self, child: str, day: date, start: str, end: str) -> None:
        self.choose("お子さん", f"{child}さん")
        self.date("日にち", day)
        self.pick("はじまり", start)
        self.pick("おわり", end)
        self.press("予約を入れる")


class MonthReport(Screen):
    """A month's counts, as the page shows them."""

    @property
    def rows(self) -> list[list[str]]:
        """The table by class age, cell by cell, its sums last."""
        table = self.page.get_by_role("table", name="年齢クラスと理由ごとの延べ利用")
        rows = table.get_by_role("row").filter(has=self.page.get_by_role("rowheader")).all()
        return [
            [cell.strip() for cell in re.split(r"\s+", row.inner_text().strip())] for row in rows
        ]

    @property
    def address(self) -> str:
        """Where this month stands, without the facility."""
        return self.page.url.partition("?")[0]

    @property
    def csv(self) -> bytes:
        return self._file("CSV")

    @property
    def pdf(self) -> bytes:
        return self._file("（PDF）")

    @property
    def names(self) -> list[str]:
        """Who came on which day, of the list behind the numbers."""
        rows = self.page.get_by_role("table", name="登園の一覧").get_by_role("row").all()[1:]
        found = [re.findall(r"\S+", row.inner_text()) for row in rows]
        return [f"{re.findall(r'[0-9]+日', one[0])[0]} {one[1]} {one[2]}" for one in found]

    def _file(self, label: str) -> bytes:
        link = self.page.get_by_role("link", name=label).first
        return self.page.request.get(str(link.get_attribute("href"))).body()
