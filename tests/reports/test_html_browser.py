"""The HTML report in a real browser: everybody can read it, and it does nothing behind one's back."""

from __future__ import annotations

import base64

import pytest

from browser import BROWSERS, find_browser, started
from html_audits import AUDITS, HOSTILE, hostile, many
from sg_alarm.reports.html import to_html

pytestmark = pytest.mark.slow

WIDTHS = (320, 768, 1280)
THEMES = ("light", "dark")
KEYS = {"tab": "\ue004", "enter": "\ue007", "right": "\ue014"}

# The contrast of every text that can be seen, by WCAG 2.2, "contrast ratio": what is below the minimum.
TOO_FAINT = """
const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
const linear = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const ground = element => {
  for (; element; element = element.parentElement) {
    const colour = parse(getComputedStyle(element).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
    if (colour[3] !== 0) throw new Error("a background that lets through");
  }
  throw new Error("no background");
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const faint = [];
let seen = 0;
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement, style = getComputedStyle(element);
  const visible = element.checkVisibility() && element.getClientRects().length
    && element.getBoundingClientRect().width > 1;
  if (!walker.currentNode.data.trim() || !visible || element.closest("desc, title")) continue;
  seen++;
  const ink = parse(element instanceof SVGElement ? style.fill : style.color);
  const [high, low] = [luminance(ink), luminance(ground(element))].sort((a, b) => b - a);
  const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  const ratio = (high + 0.05) / (low + 0.05);
  if (ratio < (large ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)} ${walker.currentNode.data.trim()}`);
}
return [seen, faint];
"""
TOO_WIDE = """
const width = document.documentElement.clientWidth;
const within = element => element.closest(".scroll, pre, .vh");
return [document.documentElement.scrollWidth - width, [...document.body.querySelectorAll("*")]
  .filter(one => !within(one) && !one.closest("defs") && one.checkVisibility())
  .filter(one => one.getBoundingClientRect().right > width + 1)
  .map(one => `${one.tagName} ${one.className.baseVal ?? one.className}`)];
"""
FOCUSED = "return document.activeElement"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    found = find_browser()
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)}, or no chromedriver, is on PATH")
    with started(found, tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages as files, by name."""
    folder = tmp_path_factory.mktemp("pages")
    audits = {**AUDITS, **{f"hostile: {name}": hostile(text) for name, text in HOSTILE.items()}}
    audits["many"] = many(200)
    found = {}
    for number, (name, audit) in enumerate(audits.items()):
        found[name] = folder / f"{number}.html"
        found[name].write_text(to_html(audit), "utf-8")
    return found


EVERY_PAGE = [*AUDITS, *(f"hostile: {name}" for name in HOSTILE), "many"]


def unfold(browser):
    browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")


def press(browser, *keys):
    from selenium.webdriver import ActionChains

    for key in keys:
        ActionChains(browser.driver).send_keys(KEYS[key]).perform()


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_it_asks_for_nothing_and_complains_of_nothing(browser, pages, name):
    browser.open(pages[name])
    unfold(browser)
    assert {url for url in browser.requests() if not url.startswith("data:")} == {pages[name].as_uri()}
    assert browser.console() == []


@pytest.mark.parametrize("name", [name for name in EVERY_PAGE if name.startswith("hostile")])
def test_a_hostile_name_does_nothing(browser, pages, name):
    browser.open(pages[name])
    unfold(browser)
    assert browser.run("return typeof window.__x") == "undefined"
    assert browser.run("return document.scripts.length + document.images.length") == 0


def test_a_script_would_not_run_if_it_got_in(browser, pages, tmp_path):
    """The content security policy is a second wall: here a script stands behind the first."""
    page = tmp_path / "page.html"
    text = pages["fail"].read_text("utf-8")
    page.write_text(text.replace("</main>", "<script>window.__x = 1</script></main>"), "utf-8")
    browser.open(page)
    assert browser.run("return [document.scripts.length, typeof window.__x]") == [1, "undefined"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EVERY_PAGE)
def test_it_fits_the_window(browser, pages, name, width):
    browser.open(pages[name], width)
    if name != "many":
        unfold(browser)
    assert browser.run(TOO_WIDE) == [0, []]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", AUDITS)
@pytest.mark.parametrize("width", [320, 1280])
def test_every_text_can_be_read(browser, pages, name, theme, width):
    browser.open(pages[name], width, theme)
    unfold(browser)
    seen, faint = browser.run(TOO_FAINT)
    assert seen > 50
    assert faint == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", AUDITS)
def test_axe_finds_nothing(browser, pages, name, theme):
    from importlib.resources import files

    browser.open(pages[name], theme=theme)
    unfold(browser)
    browser.run((files("axe_core_python") / "axe.min.js").read_text("utf-8"))
    found = browser.driver.execute_async_script("axe.run().then(arguments[0])")
    assert found["passes"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []


def colours(browser):
    return browser.run(
        "const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]"
    )


def test_the_system_chooses_the_colours_until_a_person_does(browser, pages):
    browser.open(pages["fail"], theme="light")
    light = colours(browser)
    browser.open(pages["fail"], theme="dark")
    dark = colours(browser)
    assert light != dark
    browser.run("document.getElementById('theme-light').click()")
    assert colours(browser) == light
    browser.open(pages["fail"], theme="light")
    browser.run("document.getElementById('theme-dark').click()")
    assert colours(browser) == dark


def test_the_keyboard_is_enough(browser, pages):
    browser.open(pages["fail"], motion="reduce")
    light = colours(browser)
    press(browser, "tab")
    skip = browser.run(FOCUSED)
    assert skip.text == "Skip to the verdict"
    assert browser.run("return arguments[0].getBoundingClientRect().top >= 0", skip)
    press(browser, "tab")
    assert browser.run(FOCUSED).get_attribute("id") == "theme-auto"
    assert browser.run("return getComputedStyle(document.activeElement.nextSibling).outlineStyle") == "solid"
    press(browser, "right", "right")
    assert browser.run(FOCUSED).get_attribute("id") == "theme-dark"
    assert colours(browser) != light
    reached = []
    for _ in range(40):
        press(browser, "tab")
        reached.append(browser.run(FOCUSED).tag_name)
        if browser.run("return document.activeElement.matches('.evidence > summary')"):
            break
    assert reached[-1] == "summary"
    press(browser, "enter")
    assert browser.run("return document.activeElement.parentElement.open")


def test_the_first_link_skips_to_the_verdict(browser, pages):
    browser.open(pages["fail"])
    press(browser, "tab", "enter")
    assert browser.run(FOCUSED).tag_name == "main"


def test_whatever_has_the_focus_shows_it(browser, pages):
    browser.open(pages["several"])
    for _ in range(25):
        press(browser, "tab")
        assert browser.run(
            "const one = document.activeElement, shown = one.matches('.theme input') ? one.nextSibling : one;"
            "return getComputedStyle(shown).outlineStyle"
        ) not in ("none", "")


@pytest.mark.parametrize(("motion", "behaviour"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_nothing_moves_for_those_who_do_not_want_it(browser, pages, motion, behaviour):
    browser.open(pages["fail"], motion=motion)
    assert browser.run("return getComputedStyle(document.documentElement).scrollBehavior") == behaviour
    moving = browser.run("return getComputedStyle(document.querySelector('.skip')).transitionDuration")
    assert (moving == "0s") == (motion == "reduce")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_broken_link_is_apart_from_the_others(browser, pages, width):
    browser.open(pages["fail"], width)
    boxes = browser.run(
        "return [...document.querySelectorAll('.node circle')].map(one => {"
        "const box = one.getBoundingClientRect(); return [box.x, box.y, getComputedStyle(one).fill]})"
    )
    assert len({fill for *_, fill in boxes}) == 3  # holds, broken, the two ends
    across, down = ({round(box[axis]) for box in boxes} for axis in (0, 1))
    assert max(len(across), len(down)) >= 10  # side by side, or one below the other
    words = browser.run("return [...document.querySelectorAll('.node .word')].map(one => one.textContent)")
    assert words == ["broken"]


def test_the_head_of_a_long_matrix_stays_in_sight(browser, pages):
    browser.open(pages["many"], motion="reduce")
    browser.run("document.querySelectorAll('.more').forEach(one => one.open = true)")
    head = (
        "const box = document.querySelectorAll('.tall')[1], head = box.querySelector('.turned th + th span');"
        "box.scrollIntoView({block: 'start'}); box.scrollTop = arguments[0];"
        "const {x, y, width, height} = head.getBoundingClientRect();"
        "return [x, y, document.elementFromPoint(x + width / 2, y + height / 2).textContent]"
    )
    # The caption above the head is gone by then.
    before, after = browser.run(head, 500), browser.run(head, 2000)
    assert after == before
    assert after[2] == "AuthorizeSecurityGroupIngress"


def test_of_many_accounts_few_stand_open(browser, pages):
    browser.open(pages["many"])
    assert browser.run("return document.querySelectorAll('.account').length") == 200
    assert browser.run("return document.querySelectorAll('.account[open]').length") == 3


class TestPrinted:
    @pytest.fixture
    def printed(self, browser, pages):
        # A4 without its margins, at 96 pixels an inch.
        browser.open(pages["several"], width=688, theme="dark", media="print")
        return browser

    def test_it_is_light_and_without_what_is_to_be_clicked(self, printed):
        assert colours(printed)[1] == "rgb(255, 255, 255)"
        assert [
            printed.run("return document.querySelector(arguments[0]).checkVisibility()", one)
            for one in (".theme", "nav", ".skip")
        ] == [False] * 3

    def test_what_is_folded_is_printed(self, printed):
        assert printed.run("return document.querySelectorAll('details:not([open])').length") > 0
        unseen = printed.run(
            "return [...document.querySelectorAll('details *')].filter(one => !one.closest('svg')"
            " && one.tagName != 'WBR' && !one.checkVisibility()).map(one => one.outerHTML)"
        )
        assert unseen == []

    def test_nothing_is_cut_off(self, printed):
        cut = printed.run(
            "return [...document.querySelectorAll('.scroll, pre, table, figure, .node')].filter(one =>"
            " one.getBoundingClientRect().right > innerWidth + 1 ||"
            " one.matches('.scroll, pre') && one.scrollWidth > one.clientWidth + 1).map(one => one.outerHTML)"
        )
        assert cut == []
        rows = printed.run(
            "return [...document.querySelectorAll('tr')].map(one => getComputedStyle(one).breakInside)"
        )
        assert set(rows) == {"avoid"}

    def test_links_show_where_they_lead(self, printed):
        shown = printed.run(
            "return getComputedStyle(document.querySelector('a[href^=http]'), '::after').content"
        )
        assert "https://www.cisecurity.org/" in shown

    def test_every_text_can_be_read(self, printed):
        assert printed.run(TOO_FAINT)[1] == []

    def test_it_becomes_a_document_of_pages(self, printed):
        printed.command("Emulation.clearDeviceMetricsOverride")
        document = base64.b64decode(
            printed.command("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
        )
        assert document.startswith(b"%PDF-")
        assert document.count(b"/Type /Page\n") > 3
