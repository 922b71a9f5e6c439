# SPDX-License-Identifier: BSD-2-Clause
"""tools/finding: what a maintainer gets can be read without us, and a patch applied."""

import os
import re
import subprocess

import pytest
from verdicts import findings, mail

TOOL = findings.DIRECTORY.parent.parent / "tools" / "finding"
NUMBERS = [finding.number for finding in findings.load_all()]
FIXED = sorted(path.stem for path in mail.FIXES.glob("*.patch"))
PERSON = {"GIT_AUTHOR_NAME": "A Sender", "GIT_AUTHOR_EMAIL": "a@example.org"}
PERSON |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in PERSON.items()}


@pytest.fixture(autouse=True)
def person(monkeypatch):
    for name, value in PERSON.items():
        monkeypatch.setenv(name, value)


def finding(*words):
    result = subprocess.run([TOOL, *words], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout, result.stderr


@pytest.mark.parametrize("number", NUMBERS)
def test_every_finding_is_plain_text(number):
    text = mail.text_of(number)
    assert not re.search(r"<!--|```|\]\(|\*\*|# lhv ", text)
    assert all(f"\n{title}:\n" in text for title in ("Expected", "Why", "To reproduce", "Status")), text
    ours = [line for line in text.splitlines() if not line.startswith((" ", "|", "+", "-", "@", "Subject: "))]
    assert [line for line in ours if len(line) > mail.WIDTH and " " in line and ": " not in line] == []
    assert [line for line in ours if re.search(r"[(;] ?[RSVF]\d+[a-z]?[,)]", line)] == []


def test_a_report_goes_to_the_project_whose_mistake_it_is():
    for number, to, subject in (
        ("005", "kvm@vger.kernel.org", "[BUG] KVM: A VM entry of L1 into HLT with an NMI pending"),
        ("008", "kvm@vger.kernel.org", "[BUG] KVM forgets an injected INT1"),
        ("031", "qemu-devel@nongnu.org", "[BUG] target/i386: the intercept of a #DF"),
    ):
        status, text, _ = finding(number)
        assert status == 0 and f"\nTo: {to}\n" in text and f"\nSubject: {subject}" in text, text
        assert text.startswith("From: A Sender <a@example.org>\n") and "Signed-off-by" not in text
    assert finding("21")[1].startswith("Where: https://github.com/bochs-emu/Bochs/issues\nTitle: [BUG] cpu: an injected NMI")
    own = findings.parse("# 999: Xen: it\n## Why\nso\n")
    assert "To: xen-devel@lists.xenproject.org\n" in mail.report(own) and "[BUG] x86: it\n" in mail.report(own)
    assert "To: security@xenproject.org\n" in mail.report(own, private=True)


def test_what_a_maintainer_is_told_first():
    text = mail.text_of("040")
    order = [text.index(f"\n{title}:\n") for title in mail.SECTIONS]
    assert order == sorted(order)
    assert "KVM of Linux 7.2" in text[text.index("Seen on, and") :] and "\n    58\n" in text


@pytest.mark.parametrize("number", ("001", "002", "003", "006"))
def test_four_are_one_comment(number):
    text = mail.text_of(number)
    assert text == mail.text_of("001") and text.startswith(f"Where: {mail.BUG_217304}\n")
    assert [text.count(f"\n{findings.load(each).title}\n") for each in ("001", "002", "003", "006")] == [1] * 4


def before(diff):
    """{path: what the patch changes, at its place in a file of nothing else}"""
    files, lines = {}, []
    for line in diff.splitlines():
        if line.startswith("--- a/"):
            lines = files.setdefault(line[6:], [])
        elif match := re.match(r"@@ -(\d+)", line):
            lines += [f"filler {n}" for n in range(len(lines), int(match[1]) - 1)]
        elif line[:1] in (" ", "-", "") and not line.startswith("---"):
            lines.append(line[1:])
    return files


@pytest.mark.parametrize("number", FIXED)
def test_a_patch_is_one_for_git_am(number, tmp_path):
    def git(*words, **more):
        return subprocess.run(["git", "-C", tmp_path, *words], capture_output=True, text=True, check=True, **more).stdout

    subject, _, diff = mail.fix_of(number)
    git("init", "-q")
    for name, lines in before(diff).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    git("add", "-A")
    git("commit", "-q", "-m", "before")
    git("am", "-s", input=finding(number)[1])
    message = git("log", "-1", "--format=%an <%ae>%n%B")
    assert message.startswith(f"A Sender <a@example.org>\n{subject}\n\n"), message
    assert message.strip().endswith("Signed-off-by: A Sender <a@example.org>"), message
    assert "Expected:" not in message and all(len(line) <= 80 for line in message.splitlines()), message
    assert git("diff", "--name-only", "HEAD~1").split() == list(before(diff))
    assert "[BUG]" in finding("--report", number)[1]


def test_what_is_not_to_be_published():
    assert "\nTo: security@kernel.org\nSubject: " in finding("--private", "040")[1]
    assert "Cc:" not in finding("--private", "075")[1]
    status, _, said = finding("--private", "021")
    assert status == 2 and "Bochs has no address" in said


@pytest.mark.parametrize("number", ("999", "xyz", "../001"))
def test_a_finding_that_is_not_there(number):
    status, text, said = finding(number)
    assert (status, text) == (2, "") and f"there is no finding {number}" in said


def test_without_a_sender(monkeypatch, tmp_path):
    for name in PERSON:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.useConfigOnly")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert os.getcwd() == str(tmp_path) and mail.report(findings.load("040")).startswith("To: ")


def test_without_git(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert mail.report(findings.load("040")).startswith("To: ")
