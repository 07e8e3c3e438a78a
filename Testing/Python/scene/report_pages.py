"""Pages of HTML in tests: what they hold, and what a browser makes of them."""

import json
import re
import shutil
import subprocess
from html import unescape
from html.parser import HTMLParser

import pytest
from slice_pictures import picture_folder

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZES = {"a4": (794, 3000), "phone": (390, 4200)}
VOID = {"meta", "img", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """Text, tables and addresses of a page; refuses elements that are not closed in their order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text, self.sources, self.rows = [], [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.sources += [value for name, value in attributes if name in ("src", "href", "xlink:href")]
        if tag == "tr":
            self.rows.append([])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.sources += [value for name, value in attributes if name in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1].append(data)


def page(path):
    """The text of a page and what it holds."""
    text = path.read_text(encoding="utf-8")
    return text, Page(text)


def browse(shown, *options):
    """Open a page in a browser without a window; what it wrote."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium or Chrome on the PATH")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={shown.parent / 'profile'}", *options, shown.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)


def drawn(path, size, tmp_path):
    """A page as a browser shows it, in `picture_folder`."""
    width, height = SIZES[size]
    # A browser's window is never as narrow as a telephone; a frame in it is.
    shown = tmp_path / "shown.html"
    shown.write_text(
        f'<body style="margin: 0"><iframe src="{path.as_uri()}" style="border: 0" width="{width}" height="{height}">'
    )
    picture = picture_folder(tmp_path) / f"{path.stem}_{size}.png"
    browse(shown, f"--window-size={max(width, 500)},{height}", f"--screenshot={picture}")
    return picture


FORBIDDEN = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def complaints(text, folder):
    """What a browser says in its console of a page that may ask for nothing and run nothing."""
    shown = folder / "guarded.html"
    rule = f'<meta http-equiv="Content-Security-Policy" content="{FORBIDDEN}">'
    shown.write_text(text.replace("<head>", f"<head>{rule}", 1), encoding="utf-8")
    said = browse(shown, "--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000", "--dump-dom").stderr
    return [line for line in said.splitlines() if "CONSOLE" in line]


MEASURE = """<script>
addEventListener("load", () => {
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  const width = document.documentElement.clientWidth, cut = [];
  if (document.documentElement.scrollWidth > width) cut.push("the page is " + document.documentElement.scrollWidth);
  document.querySelectorAll("body *:not(svg *)").forEach(each => {
    const box = each.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1))
      cut.push(each.tagName + ": " + each.textContent.slice(0, 60));
  });
  document.querySelectorAll("svg").forEach(each => {
    const frame = each.getBoundingClientRect();
    each.querySelectorAll("text").forEach(text => {
      const box = text.getBoundingClientRect();
      const across = box.left < frame.left - 1 || box.right > frame.right + 1;
      if (across || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        cut.push("in a chart: " + text.textContent);
    });
  });
  parent.postMessage(JSON.stringify({width: width, cut: cut}), "*");
});
</script>"""


def cut_off(text, folder, width, *, printed=False):
    """What of a page of this width reaches beyond it, and texts of charts beyond their chart."""
    inner, shown = folder / f"inner_{width}.html", folder / f"outer_{width}.html"
    text = text.replace("@media print", "@media all") if printed else text
    inner.write_text(text.replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    listen = 'addEventListener("message", event => { document.getElementById("found").textContent = event.data; });'
    # A browser's window is never as narrow as a telephone; a frame in it is.
    shown.write_text(
        f'<body><pre id="found"></pre><script>{listen}</script>'
        f'<iframe src="{inner.as_uri()}" style="border: 0" width="{width}" height="3000">'
    )
    dom = browse(shown, "--virtual-time-budget=8000", "--window-size=1000,3200", "--dump-dom").stdout
    found = json.loads(unescape(re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)[1]))
    assert found["width"] == width
    return found["cut"]
