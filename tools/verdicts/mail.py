# SPDX-License-Identifier: BSD-2-Clause
"""
A finding as a plain-text mail to the people whose machine it is: a report, or a patch as git
format-patch has them, where docs/fixes has one. What must be a person's is left out: the sender and the
sign-off.
"""

import re
import shutil
import subprocess
import textwrap
from dataclasses import dataclass

from . import findings

WIDTH = 72
FIXES = findings.DIRECTORY.parent / "fixes"
SECTION = re.compile(r"^## (.*)\n", re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
FENCE = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[([^]]*)\]\(([^)]*)\)")
# Our rules' numbers, of which a maintainer knows nothing; and what the kernel cannot know of an emulator.
RULE = r"[RSVF]\d+[a-z]?"
RULES = re.compile(rf"\s*\({RULE}(?:, {RULE})*\)|;\s+{RULE}(?:,\s+{RULE})*(?=\))")
HEADER = re.compile(r"^# lhv .*\n", re.MULTILINE)
SECTIONS = ("Impact", "Expected", "Got", "Why", "To reproduce", "Status")  # as a maintainer reads
MANUALS = "The manuals, by section title: Intel SDM Vol. 3 (325384), AMD APM Vol. 2 (24593)."


@dataclass(frozen=True)
class Project:
    name: str
    prefix: str  # of a subject
    to: tuple  # where reports go: addresses, or the address of a form
    private: str  # where those go first that let a guest harm its host


PROJECTS = {
    "kvm": Project("KVM", "KVM", ("kvm@vger.kernel.org", "linux-kernel@vger.kernel.org"), "security@kernel.org"),
    "xen": Project("Xen", "x86", ("xen-devel@lists.xenproject.org",), "security@xenproject.org"),
    "qemu": Project("QEMU", "target/i386", ("qemu-devel@nongnu.org",), "qemu-security@nongnu.org"),
    "bochs": Project("Bochs", "cpu", ("https://github.com/bochs-emu/Bochs/issues",), ""),
}
# What goes to a report that is there already, together.
BUG_217304 = "https://bugzilla.kernel.org/show_bug.cgi?id=217304"
TOGETHER = {number: (BUG_217304, ("001", "002", "003", "006")) for number in ("001", "002", "003", "006")}


def project_of(finding):
    return PROJECTS[finding.owner.lower()]


# --- from Markdown to what a mail has ------------------------------------------------------------


def link_text(match):
    return f"{match[1]} ({match[2]})" if "://" in match[2] else match[1]


def paragraph(text):
    """Wrapped, but for what is indented or a table."""
    if text.startswith(("    ", "|")):
        return text
    return textwrap.fill(" ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def plain(text):
    text = FENCE.sub(lambda match: textwrap.indent(HEADER.sub("", match[1]), "    ").rstrip(), COMMENT.sub("", text))
    text = RULES.sub("", LINK.sub(link_text, text)).replace("**", "")
    parts = re.split(r"\n\s*\n", text.strip("\n"))
    return "\n\n".join(paragraph(part) for part in parts if part.strip())


def sections(finding):
    """{title: plain text}, without the tables that are ours."""
    parts = SECTION.split(finding.text)[1:]
    return {title: plain(body) for title, body in zip(parts[::2], parts[1::2])}


def seen(finding):
    """The machines on which it fails, of the table."""
    rows = re.findall(r"^\| (.+?) \| ([\d ]+) \| \S.*\|$", finding.text, re.MULTILINE)
    return "\n".join(f"  {name}:\n    {numbers}" for name, numbers in rows)


def body(finding):
    there = sections(finding)
    blocks = [f"{title}:\n\n{there[title]}" for title in SECTIONS if there.get(title)]
    if seen(finding):
        blocks.insert(-1, f"Seen on, and by which experiments:\n\n{seen(finding)}")
    return "\n\n".join([*blocks, MANUALS])


# --- the mails -----------------------------------------------------------------------------------


def sender():
    """As git has it of who runs this; "" if it does not, or is not here."""
    if not shutil.which("git"):
        return ""
    result = subprocess.run(["git", "var", "GIT_AUTHOR_IDENT"], capture_output=True, text=True, check=False)
    return result.stdout.rpartition(">")[0] + ">" if result.returncode == 0 else ""


def head(project, subject, private):
    """For a form there is a title only."""
    to = (project.private,) if private else project.to
    if "@" not in to[0]:
        return f"Where: {to[0]}\nTitle: {subject}\n"
    lines = [f"From: {sender()}"] if sender() else []
    lines += [f"To: {to[0]}", *(f"Cc: {address}" for address in to[1:])]
    return "\n".join([*lines, f"Subject: {subject}", "MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8"]) + "\n"


def subject_of(finding):
    """The title says the project's name in one way or another: "QEMU TCG: it", "KVM forgets it"."""
    project = project_of(finding)
    if finding.title.startswith(f"{project.name} ") and ":" not in finding.title:
        return f"[BUG] {finding.title}"
    return f"[BUG] {project.prefix}: {re.sub(rf'^{project.name}[^:]*: ', '', finding.title)}"


def report(finding, private=False):
    return f"{head(project_of(finding), subject_of(finding), private)}\n{body(finding)}\n"


def comment(number):
    """One text for all that belongs to a report that is there."""
    where, numbers = TOGETHER[number]
    texts = [findings.load(each) for each in numbers]
    parts = [f"{'=' * WIDTH}\n{finding.title}\n{'=' * WIDTH}\n\n{body(finding)}" for finding in texts]
    return f"Where: {where}\n\n" + "\n\n".join(parts) + "\n"


def fix_of(number):
    """(subject, message, diff) of docs/fixes, or None."""
    path = FIXES / f"{number}.patch"
    if not path.exists():
        return None
    top, mark, diff = path.read_text(encoding="utf-8").partition("\n--- a/")
    _, subject, *message = top.split("\n\n")
    return subject.strip(), "\n\n".join(message).strip(), mark.lstrip("\n") + diff.rstrip("\n") + "\n"


def patch(finding, private=False):
    """What git am takes: the notes between --- and the diff are for the reader."""
    subject, message, diff = fix_of(finding.number)
    parts = [*message.split("\n\n"), sections(finding).get("Impact", "")]
    message = "\n\n".join(paragraph(part) for part in parts if part)
    # Where git am takes the mail from a list's archive, this line says what it is.
    opening = f"From {'0' * 40} Mon Sep 17 00:00:00 2001\n"
    return f"{opening}{head(project_of(finding), f'[PATCH] {subject}', private)}\n{message}\n---\n\n{body(finding)}\n\n{diff}"


def text_of(number, private=False, as_report=False):
    if number in TOGETHER and not private:
        return comment(number)
    finding = findings.load(number)
    if private and not project_of(finding).private:
        raise ValueError(f"{project_of(finding).name} has no address for what is not to be published")
    return patch(finding, private) if fix_of(number) and not as_report else report(finding, private)
