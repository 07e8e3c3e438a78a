"""Reports as PDF: which browser prints them, and what is left where it does not."""

import sys
from pathlib import Path

import pytest
from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoModelLib.report import pdf

WRITES = "path.write_bytes(b'%PDF-1.4 of ' + command.encode() + b'\\n%%EOF')"
HALF = "path.write_bytes(b'%PDF-1.4')"


@pytest.fixture
def page(tmp_path):
    """A page to print, beside an earlier PDF."""
    made = tmp_path / "report.html"
    made.write_text(html.page("A report", ["<p>of nobody</p>"]), encoding="utf-8")
    (tmp_path / "report.pdf").write_bytes(b"earlier")
    return made


@pytest.fixture
def browser(tmp_path):
    """`browser(does)` is a program that does so with `path`, the file it is asked to print to."""

    def make(does):
        program = tmp_path / "browser"
        find = "path = Path(next(a for a in sys.argv if a.startswith('--print-to-pdf='))[len('--print-to-pdf='):])"
        lines = ["import sys, time", "from pathlib import Path", "command = ' '.join(sys.argv[1:])", find, does]
        program.write_text("\n".join([f"#!{sys.executable}", *lines]))
        program.chmod(0o755)
        return program

    return make


def test_a_page_is_printed_without_a_network_from_a_profile_that_is_thrown_away(page, browser):
    made = pdf.print_page(page, browser(WRITES))
    assert made == page.with_suffix(".pdf")
    command = made.read_text()
    assert page.as_uri() in command
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in command
    profile = next(word for word in command.split() if word.startswith("--user-data-dir="))
    assert not Path(profile.partition("=")[2]).exists()
    assert sorted(each.name for each in page.parent.iterdir()) == ["browser", "report.html", "report.pdf"]


@pytest.mark.parametrize("does", [HALF, "sys.exit(3)", "pass", "time.sleep(20)"])
def test_a_browser_that_does_not_print_leaves_the_earlier_pdf(page, browser, does, monkeypatch):
    monkeypatch.setattr(pdf, "LONGEST_S", 0.5)
    with pytest.raises(InputError, match="browser did not make a PDF of the report; open the report and print it"):
        pdf.print_page(page, browser(does))
    assert page.with_suffix(".pdf").read_bytes() == b"earlier"


def test_printing_can_be_cancelled(page, browser):
    def stop(_fraction, _text):
        raise Cancelled

    with pytest.raises(Cancelled):
        pdf.print_page(page, browser("time.sleep(20)"), stop)
    assert page.with_suffix(".pdf").read_bytes() == b"earlier"


def test_without_a_browser_a_person_is_told_what_to_do(page, monkeypatch):
    monkeypatch.setattr(pdf, "_places", lambda: iter([Path("/nowhere/chrome")]))
    assert pdf.find_browser() is None
    with pytest.raises(InputError, match=r"no Chromium, Chrome or Edge on this machine.*print it from your browser"):
        pdf.print_page(page)


@pytest.mark.parametrize(
    ("platform", "place"),
    [("darwin", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"), ("win32", pdf.PROGRAMS[2])],
)
def test_a_browser_is_looked_for_where_it_is_installed(platform, place, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    monkeypatch.setattr(pdf.sys, "platform", platform)
    for name in pdf.PROGRAM_FOLDERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    assert [each for each in pdf._places() if str(each).endswith(place)]


def test_a_real_browser_makes_pages_of_a4(page):
    if pdf.find_browser() is None:
        pytest.skip("no Chromium, Chrome or Edge")
    content = pdf.print_page(page).read_bytes()
    assert b"/MediaBox [0 0 594.95996 841.91998]" in content
    assert page.as_uri().encode() not in content
