# SPDX-License-Identifier: BSD-2-Clause
"""What the explorer found on a platform until now: build/explore/PLATFORM.json."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "build" / "explore"
EMPTY = {"seed": 0, "programs": 0, "judged": 0, "machine": "", "groups": [], "lost": []}


def key(group):
    return (group["names"][0],) if group["names"] else (group["kind"], group["clause"], group["unstable"])


class State:
    def __init__(self, platform, forget=False):
        self.path = FOLDER / f"{platform}.json"
        self.slices = 0
        self.summary = ""
        self.data = {name: value for name, value in EMPTY.items()}
        self.data["groups"], self.data["lost"] = [], []
        if self.path.exists() and not forget:
            self.data = json.loads(self.path.read_text(encoding="utf-8"))

    def next_seed(self):
        self.slices += 1
        self.data["seed"] += 1
        return self.data["seed"]

    def add_group(self, group):
        for old in self.data["groups"]:
            if key(old) == key(group):
                old["count"] += group["count"]
                if group["program"].count(",") < old["program"].count(","):
                    old.update({**group, "count": old["count"]})
                return
        self.data["groups"].append(group)

    def add(self, result):
        self.data["programs"] += result.programs
        self.data["judged"] += result.judged
        self.data["machine"] = result.machine or self.data["machine"]
        self.summary = result.summary
        for group in result.groups:
            self.add_group(group)
        if result.lost and result.lost not in self.data["lost"]:
            self.data["lost"].append(result.lost)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.data, indent=1), encoding="utf-8")

    def new_groups(self, notes):
        return [g for g in self.data["groups"] if not g["unstable"] and not notes.why(g)]

    def show_progress(self, notes):
        groups = self.data["groups"]
        print(
            f"{self.data['programs']} programs ({self.data['judged']} judged), {self.summary}, "
            f"kept: {len(groups)} groups, {len(self.new_groups(notes))} new, {len(self.data['lost'])} lost"
            + (f", the last: {groups[-1]['program']}" if groups else ""),
            flush=True,
        )

    def report(self, notes):
        print(f"# {self.data['machine']}")
        for group in sorted(self.data["groups"], key=lambda g: (g["unstable"], bool(notes.why(g)))):
            known = "not the same each time" if group["unstable"] else notes.why(group) or "NEW"
            print(f"{known}: prog={group['program']}")
            print(f"    expected: {group['expected']}; got: {group['got']}")
            print(
                f"    {group['kind']} {group['clause']}, {group['count']} times; is: "
                f"{' or '.join(group['names']) or 'unexplained'}"
            )
        for program in self.data["lost"]:
            print(f"the machine was lost in prog={program}")
