#!/usr/bin/env python3
"""Asks a real dockerd and gantryd the same things and compares status, type and every member of what they answer.

usage: differential.py BUILD-DIRECTORY [--only WORD] [--reference DIRECTORY]

The reference is the dockerd on the PATH, or that of an unpacked package (DIRECTORY/usr/bin, DIRECTORY/usr/sbin). Each is asked at
the versions of the API that it has. What may differ is listed with its reason in allowed.json; an entry that nothing needs any more
is a failure too, unless it is one of another release ("reference": how its version begins).
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
from inside import enter_namespaces, start_both, use_reference
from scenario import Scenario

HERE = os.path.dirname(os.path.abspath(__file__))
VERSIONS = ("1.24", "1.41", "1.44", "1.51")


def versions_of(engine):
    """Those of VERSIONS that a reference has."""
    newest = engine.get("/version")["ApiVersion"]
    number = lambda text: [int(part) for part in text.split(".")]
    return [version for version in VERSIONS if number(version) <= number(newest)]


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


def ask_all(engine, versions, results, failures):
    """Runs on a thread of its own: the engines work side by side."""
    try:
        for version in versions:
            asker = Asker(engine, version)
            answers = results.setdefault(version, {})
            ask_creates(asker, answers)
            answers.update({"life: " + name: value for name, value in Scenario(asker).run().items()})
    except Exception as problem:  # told by the main thread
        import traceback
        failures.append(f"{engine.name}: {traceback.format_exc()}{problem}")


class Allowed:
    """allowed.json: [{"case": glob, "path": glob, "versions": [...]?, "reference": text?, "dockerd": value?, "gantry": value?,
    "why": text}]"""

    def __init__(self, path, reference):
        with open(path) as file:
            entries = json.load(file)
        self.entries = [entry for entry in entries if reference.startswith(entry.get("reference", ""))]
        for entry in entries:
            unknown = set(entry) - {"case", "path", "versions", "reference", "dockerd", "gantry", "why"}
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
    for version in theirs:
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
    parser.add_argument("--reference", help="where another release of dockerd is unpacked")
    parser.add_argument("--json", help="write all answers to this file")
    options = parser.parse_args()
    use_reference(options.reference)
    enter_namespaces()
    work = tempfile.mkdtemp(prefix="gantry-diff.", dir="/tmp")
    engines, results, failures = [], [{}, {}], []
    try:
        start_engines(options.build, work, engines)
        versions, release = versions_of(engines[0]), engines[0].get("/version")["Version"]
        threads = [threading.Thread(target=ask_all, args=(e, versions, r, failures)) for e, r in zip(engines, results)]
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
    allowed = Allowed(os.path.join(HERE, "allowed.json"), release)
    count = compare(ours, theirs, allowed, options.only)
    stale = [] if options.only else allowed.unused()
    for entry in stale:
        print("allowed.json: nothing needs this any more: " + json.dumps(entry))
    print(f"{sum(len(v) for v in theirs.values())} answers compared with dockerd {release}, {count} differences that are not allowed")
    return 1 if count or stale else 0


if __name__ == "__main__":
    sys.exit(main())
