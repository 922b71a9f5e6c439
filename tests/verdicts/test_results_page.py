# SPDX-License-Identifier: BSD-2-Clause
"""The page of results: what is in it, and that it works in a browser without any other host."""

import re
import subprocess

import browser
import pytest
from reporting import columns
from test_news import EXIT, FIELD, console
from verdicts import platforms, results

pytestmark = pytest.mark.xdist_group("page")  # one browser
REPORT = platforms.ROOT / "tools" / "report"


def make(path, *inputs):
    pytest.importorskip("jinja2", reason="no python3-jinja2")
    command = [REPORT, "--html", "--output", path, *inputs]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return path.read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    path = tmp_path_factory.mktemp("site") / "index.html"
    make(path, results.DIRECTORY)
    return path


@pytest.fixture(scope="module")
def page(site, tmp_path_factory):
    if not browser.is_here():
        pytest.skip("no chromium")
    opened = browser.Browser(tmp_path_factory.mktemp("profile"))
    opened.call("Emulation.setDeviceMetricsOverride", width=1400, height=900, deviceScaleFactor=1, mobile=False)
    yield opened
    opened.close()


@pytest.fixture
def fresh(page, site):
    page.call("Page.navigate", url="about:blank")
    page.open(site)
    return page


SHOWN = "[...document.querySelectorAll('#matrix tbody tr')].filter(r => !r.hidden).map(r => +r.dataset.number)"
OPEN = "document.getElementById('details').open"
TEXT = "document.getElementById('details').textContent"


def test_all_that_is_kept_is_there(site):
    text = site.read_text()
    for machine in results.load_all():
        assert f"<span>{machine.title}</span>" in text
        for number, result in machine.results.items():
            assert result.verdict == "SKIP" or f'<tr data-number="{number}"' in text


def test_nothing_is_loaded_from_elsewhere(site):
    text = re.sub(r'<script id="data".*?</script>', "", site.read_text(), flags=re.DOTALL)
    assert not re.search(r"""(src|href)=["'](?!data:)|url\(|@import|fetch\(|XMLHttp""", text)
    assert "default-src 'none'" in text


def test_a_log_cannot_break_out_of_the_page(tmp_path):
    log = tmp_path / "tcg-svm-64.log"
    evil = "expected: </script><script>alert(1)</script>; got: <b>"
    log.write_text(console((101, "FAIL", evil), machine="QEMU 7.2 <img src=x>"))
    text = make(tmp_path / "a.html", log)
    assert "<img" not in text and "<script>alert" not in text and text.count("</script>") == 2


def test_browser_asks_for_nothing(fresh):
    fresh.click("#matrix tbody td button")
    fresh.screenshot()
    assert [url for url in fresh.requests if not url.startswith(("file:", "about:", "data:"))] == []
    assert fresh.errors == []


def test_a_click_opens_what_is_known(fresh):
    column = fresh.run("data.columns.findIndex(c => c.title === 'Bochs 2.7 VMX')")
    fresh.click(f"tr[data-number='13'] button[data-column='{column}']")
    assert fresh.run(OPEN)
    text = fresh.run(TEXT)
    for piece in ("fails on Bochs 2.7 VMX", "VM entry unblocks NMIs", "R16b:", "trace: host(HLT(NMI))", "018"):
        assert piece in text, text
    fresh.key("Escape")
    assert not fresh.run(OPEN)


def test_filters(fresh):
    everything = fresh.run(SHOWN)
    fresh.click("#differences")
    different = fresh.run(SHOWN)
    assert 13 in different and 1 not in different and len(different) < len(everything)
    fresh.run("by('vendor').value = 'SVM'; filter()")
    assert 13 not in fresh.run(SHOWN) and 132 in fresh.run(SHOWN)
    titles = fresh.run("[...document.querySelectorAll('#matrix thead th')].filter(h => !h.hidden).map(h => h.textContent)")
    assert all("VMX" not in title for title in titles)
    fresh.run("by('differences').checked = false; by('vendor').value = ''; by('family').value = 'vmx_entry'; filter()")
    assert set(fresh.run(SHOWN)) < set(everything)


def test_keys(fresh):
    fresh.key("/", "/")
    assert fresh.run("document.activeElement.id") == "search"
    fresh.call("Input.insertText", text="nmi_window r38")
    assert 24 in fresh.run(SHOWN) and 13 not in fresh.run(SHOWN)
    fresh.run("document.querySelector(\"tr[data-number='24'] th button\").focus()")
    fresh.key("ArrowRight")
    assert fresh.run("document.activeElement.dataset.column") == "0"
    fresh.key("Enter", "\r")
    assert fresh.run(OPEN) and "24 nmi_window_comes_before" in fresh.run(TEXT)


def test_light_and_dark_and_print(fresh):
    back = "getComputedStyle(document.body).backgroundColor"
    for scheme, colour in (("dark", "rgb(22, 24, 27)"), ("light", "rgb(255, 255, 255)")):
        fresh.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        assert fresh.run(back) == colour
    fresh.click("#theme")
    assert fresh.run(back) == "rgb(22, 24, 27)"
    fresh.call("Emulation.setEmulatedMedia", media="print")
    assert fresh.run("getComputedStyle(document.querySelector('form')).display") == "none"
    fresh.call("Emulation.setEmulatedMedia", media="")


def test_heads_stay(fresh):
    fresh.run("document.querySelector('main').scrollTo(500, 1500)")
    top = fresh.run("document.querySelector('thead th').getBoundingClientRect().top - document.querySelector('main').getBoundingClientRect().top")
    left = fresh.run("document.querySelectorAll('tbody th')[70].getBoundingClientRect().left")
    assert abs(top) < 2 and abs(left) < 2


# --- histories ---------------------------------------------------------------------------------

NIGHTS = {
    "2026-01-01": console((101, "PASS", ""), (105, "PASS", "")),
    "2026-01-02": console((101, "PASS", ""), (105, "FAIL", EXIT)),
    "2026-01-03": console((101, "PASS", ""), (105, "FAIL", f"{EXIT} | {FIELD}")),
}


@pytest.fixture
def nights(tmp_path):
    for date, text in NIGHTS.items():
        (tmp_path / date).mkdir()
        (tmp_path / date / "tcg-svm-64.log").write_text(text)
    return tmp_path


def test_history_of_dated_logs(nights):
    found = columns.load([str(nights)])
    assert [c.when for c in columns.histories(found)["tcg-svm-64"]] == list(NIGHTS)
    assert [c.when for c in columns.newest(found)] == ["2026-01-03"]
    text = make(nights / "a.html", nights)
    history = text[text.index("History of tcg-svm-64") :]
    assert "<b>105</b>" in history and "<b>101</b>" not in history
    assert re.findall(r'<span class="(\w+)', history) == ["pass", "fail", "fail"]


def test_news_is_marked(nights):
    """105 is in no list of QEMU's."""
    text = make(nights / "a.html", nights)
    row = re.search(r'<tr data-number="105".*?</tr>', text, re.DOTALL)[0]
    assert "data-news" in row and 'class="fail news"' in row
