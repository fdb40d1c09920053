"""What staff do for a family that has neither smartphone nor mail. No asserts, no CSS."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Response

from tests.browser.journeys.screens import Screen


class FaxDesk(Screen):
    """A FAX on the desk, entered with the time at which it came."""

    def family(
        self, name: str, phone: str, child: str, born_on: date, *, came_at: str, address: str
    ) -> None:
        self.menu("ご家庭")
        self.follow("FAX・郵便・窓口のご家庭を登録する")
        guardian = self.page.get_by_role("region", name="保護者", exact=True)
        guardian.get_by_label("お名前").fill(name)
        self.write("電話番号", phone)
        self.choose("お子さんとの関係", "母")
        self.write("お子さんのお名前", child)
        self.date("生年月日か、出産の予定日", born_on)
        self.came(came_at)
        self.write("住所", address)
        self.press("ご家庭を登録する")

    def allergies(self, answer: str) -> None:
        """Write down the one section of the record that an application needs."""
        self.follow("児童票を見る・書く")
        card = self.page.get_by_role("region", name="アレルギー")
        self.go(card.get_by_role("link", name="書く"))
        self.choose("食物アレルギーはありますか", answer)
        self.choose("受け付けた方法", "電話")
        self.press("児童票を保存する")

    def application(self, child: str, *, came_at: str) -> None:
        self.follow("番号")
        self.follow("申し込みを入れる")
        self.choose("お子さん", f"{child}さん")
        self.came(came_at)
        self.press("申し込みを入れる")

    def came(self, at: str) -> None:
        self.choose("受け付けた方法", "FAX")
        self.write("受け付けた時刻", at)


class Letters(Screen):
    """What is printed and handed over in place of mails."""

    def open(self) -> None:
        self.menu("今日すること")
        self.follow("わたすおたより")

    @property
    def receivers(self) -> set[str]:
        """To whom a letter is waiting."""
        card = self.page.get_by_role("region", name="わたすおたより")
        return {name.partition(" 様")[0] for name in card.get_by_role("link").all_inner_texts()}

    def print_all(self) -> bytes:
        """Press the button, and return the PDF that the browser is led to."""
        with self.page.expect_response(lambda answer: "print.pdf" in answer.url) as led:
            self.page.get_by_role("button", name="ぜんぶ印刷する").click()
        answer: Response = led.value
        pdf = self.page.request.get(answer.url).body()
        self.page.goto("/office/letters/")
        return pdf

    def pass_on(self, way: str) -> None:
        for box in self.page.get_by_role("checkbox").all():
            box.check()
        self.choose("どうやって", way)
        self.press("えらんだものに印をつける")
