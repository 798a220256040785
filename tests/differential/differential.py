#!/usr/bin/env python3
"""Asks a real dockerd and gantryd the same things and compares status, type and every member of what they answer.

usage: differential.py BUILD-DIRECTORY [--only WORD] [--keep-going]

What may differ is listed with its reason in allowed.json; an entry that nothing needs any more is a failure too.
Exit code 77: dockerd is not installed, or there is no root.
"""
import argparse
import fnmatch
import json
import os
import shutil
import sys
import tempfile
import threading

import create_cases
import images
from answers import Asker, differences
from inside import enter_namespaces, start_both
from scenario import Scenario

HERE = os.path.dirname(os.path.abspath(__file__))
VERSIONS = ("1.24", "1.41")


def create_body(config, host):
    host_given = config.get("HostConfig", {"NetworkMode": "none", **host})
    return {"Image": "diff/plain", **config, "HostConfig": host_given}


def ask_creates(asker, results):
    rows = create_cases.ACCEPTED + create_cases.REFUSED + create_cases.WRONG_TYPES
    for name, config, host in rows:
        answer = asker.ask("POST", "/containers/create?name=" + name, create_body(config, host))
        made = answer.body.get("Id") if isinstance(answer.body, dict) else None
        if made:
            asker.learn(made, f"<{name}>")
        results["create " + name] = (answer.status, answer.kind, asker.normal(answer.body))
        if made:
            seen = asker.ask("GET", f"/containers/{made}/json")
            results["inspect " + name] = (seen.status, seen.kind, asker.normal(seen.body))
            asker.ask("DELETE", f"/containers/{made}?v=1")


def ask_all(engine, results, failures):
    """Runs on a thread of its own: the engines work side by side."""
    try:
        for version in VERSIONS:
            asker = Asker(engine, version)
            answers = results.setdefault(version, {})
            ask_creates(asker, answers)
            answers.update({"life: " + name: value for name, value in Scenario(asker).run().items()})
    except Exception as problem:  # told by the main thread
        import traceback
        failures.append(f"{engine.name}: {traceback.format_exc()}{problem}")


class Allowed:
    """allowed.json: [{"case": glob, "path": glob, "versions": [...]?, "dockerd": value?, "gantry": value?, "why": text}]"""

    def __init__(self, path):
        with open(path) as file:
            self.entries = json.load(file)
        for entry in self.entries:
            unknown = set(entry) - {"case", "path", "versions", "dockerd", "gantry", "why"}
            if unknown or not entry.get("why"):
                sys.exit(f"{path}: {entry}: needs case, path and why" + (f", has {unknown}" if unknown else ""))
        self.used = [False] * len(self.entries)

    def covers(self, version, case, path, docker, gantry):
        covered = False
        for i, entry in enumerate(self.entries):
            fits = version in entry.get("versions", VERSIONS) and fnmatch.fnmatchcase(case, entry["case"]) and \
                fnmatch.fnmatchcase(path, entry["path"])
            if fits and entry.get("dockerd", docker) == docker and entry.get("gantry", gantry) == gantry:
                self.used[i] = covered = True
        return covered

    def unused(self):
        return [entry for entry, used in zip(self.entries, self.used) if not used]


def compare(ours, theirs, allowed, only):
    """Prints every difference that is not allowed; returns how many there are."""
    count = 0
    for version in VERSIONS:
        for case in theirs[version]:
            if only not in case:
                continue
            labels = ("status", "type", "")
            mine, other = ours[version].get(case, (0, "", "")), theirs[version][case]
            found = []
            for label, a, b in zip(labels, mine, other):
                found += differences(a, b, label)
            for path, docker, gantry in found:
                if allowed.covers(version, case, path, docker, gantry):
                    continue
                count += 1
                print(f"{version} {case}: {path or '/'}\n    dockerd {json.dumps(docker)}\n    gantry  {json.dumps(gantry)}")
    return count


def start_engines(build, work, engines):
    start_both(build, work, engines)
    archive = images.archive()
    for engine in engines:
        loaded = Asker(engine, "1.41").ask("POST", "/images/load", raw=archive, headers={"Content-Type": "application/x-tar"})
        if loaded.status != 200:
            sys.exit(f"{engine.name}: load: {loaded.status} {loaded.body}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--only", default="", help="compare only the cases that contain this word")
    parser.add_argument("--json", help="write all answers to this file")
    options = parser.parse_args()
    enter_namespaces()
    work = tempfile.mkdtemp(prefix="gantry-diff.", dir="/tmp")
    engines, results, failures = [], [{}, {}], []
    try:
        start_engines(options.build, work, engines)
        threads = [threading.Thread(target=ask_all, args=(e, r, failures)) for e, r in zip(engines, results)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for engine in engines:
            engine.close()
        shutil.rmtree(work, ignore_errors=True)
    if failures:
        sys.exit("\n".join(failures))
    theirs, ours = results
    if options.json:
        with open(options.json, "w") as out:
            json.dump({"dockerd": theirs, "gantry": ours}, out, indent=1, sort_keys=True)
    allowed = Allowed(os.path.join(HERE, "allowed.json"))
    count = compare(ours, theirs, allowed, options.only)
    stale = [] if options.only else allowed.unused()
    for entry in stale:
        print("allowed.json: nothing needs this any more: " + json.dumps(entry))
    print(f"{sum(len(v) for v in theirs.values())} answers compared, {count} differences that are not allowed")
    return 1 if count or stale else 0


if __name__ == "__main__":
    sys.exit(main())
