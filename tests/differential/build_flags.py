#!/usr/bin/env python3
"""Runs `docker build` with many flags against a real dockerd (its classic builder) and gantryd, with every docker CLI that is here,
and compares what it prints and its exit code.

usage: build_flags.py BUILD-DIRECTORY

Exit code 77: dockerd is not installed or does not start here, or there is no root.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import images  # noqa: E402
from builds import call  # noqa: E402
from inside import enter_namespaces, start_both  # noqa: E402

PLAIN = "FROM diff/plain\n"
RUN = PLAIN + "RUN echo out; sleep 1; echo err >&2\nCOPY a /a\n"
STAGES = PLAIN.strip() + " AS one\nRUN echo 1\n" + PLAIN.strip() + " AS two\nRUN echo 2\n"

# name, arguments, Dockerfile, more: "stdin", "files" of the context, "twice" (the second run counts)
CASES = [
    ("plain", ["."], RUN),
    ("tag", ["-t", "flags:1", "-t", "flags:2", "."], RUN),
    ("quiet", ["-q", "."], RUN),
    ("quiet, failing", ["-q", "."], PLAIN + "RUN echo said; exit 3\n"),
    ("failing step", ["."], PLAIN + "RUN exit 7\n"),
    ("failing step, force-rm", ["--force-rm", "."], PLAIN + "RUN exit 7\n"),
    ("again", ["."], RUN, {"twice": True}),
    ("no cache", ["--no-cache", "."], RUN, {"twice": True}),
    ("keep containers", ["--rm=false", "."], RUN),
    ("target", ["--target", "one", "."], STAGES),
    ("unknown target", ["--target", "three", "."], STAGES),
    ("argument", ["--build-arg", "V=2", "--build-arg", "UNUSED=1", "."], PLAIN + "ARG V=1\nRUN echo $V\n"),
    ("label", ["--label", "a=b", "."], RUN),
    ("dockerfile elsewhere", ["-f", "other", "."], "", {"files": {"other": RUN}}),
    ("no such dockerfile", ["-f", "none", "."], RUN),
    ("dockerfile from stdin", ["-"], "", {"stdin": PLAIN + "RUN echo in\n"}),
    ("dockerfile from stdin with a context", ["-f", "-", "."], "", {"stdin": RUN}),
    ("empty dockerfile", ["."], ""),
    ("unknown instruction", ["."], PLAIN + "RUM true\n"),
    ("mount without BuildKit", ["."], PLAIN + "RUN --nope=1 true\n"),
    ("missing source", ["."], PLAIN + "COPY nope /x\n"),
    ("no base", ["."], "RUN true\n"),
    ("limits", ["-m", "64m", "--cpu-shares", "5", "--ulimit", "nofile=77", "."], PLAIN + "RUN ulimit -n\n"),
    ("hosts", ["--add-host", "there:1.2.3.4", "."], PLAIN + "RUN grep there /etc/hosts\n"),
    ("network none", ["--network", "none", "."], PLAIN + "RUN true\n"),
    ("squash", ["--squash", "."], RUN),
    ("cache from nowhere", ["--cache-from", "nope:1", "."], RUN),
    ("image id file", ["--iidfile", "id", "."], RUN),
    ("bad tag", ["-t", "NO", "."], RUN),
    ("platform", ["--platform", "nonsense", "."], RUN),
    ("secret", ["--secret", "id=a,src=a", "."], RUN),
    ("progress", ["--progress", "plain", "."], RUN),
    ("pull of what is nowhere", ["--pull", "."], PLAIN),
    ("no such context", ["./nowhere"], ""),
]

# What differs on purpose: name of the case → why.
ALLOWED = {
    "pull of what is nowhere": "the words of the registry client",
}

SLOT = re.compile(r"\b(sha256:)?[0-9a-f]{12,64}\b")


def normal(text, work):
    """Ids by the order in which they come."""
    seen = {}

    def slot(match):
        key = match.group().removeprefix("sha256:")[:12]
        return f"<{seen.setdefault(key, len(seen) + 1)}>"

    # 20.10 says it so, newer ones as Gantry does.
    text = text.replace("Removing intermediate container", " ---> Removed intermediate container")
    text = SLOT.sub(slot, text.replace(work, "WORK"))
    lines = re.sub(r"[\d.]+ ?[kM]?B\b", "<size>", text).replace("\r", "\n").splitlines()
    return [line for line in lines if line]  # how often the upload is shown is the clock's


def clis():
    """The one on PATH, and the one of Debian that the tests use."""
    root = os.path.join(os.path.abspath(sys.argv[1]), "../docker-cli")
    found = [("docker", shutil.which("docker"))]
    if os.path.exists(root + "/usr/bin/docker"):
        found.append(("docker 20.10", root + "/usr/bin/docker"))
    return found


def build(engine, cli, client, work, case):
    name, arguments, dockerfile, more = (*case, {})[:4]
    context = tempfile.mkdtemp(dir=work)
    alone = lambda text: text.replace(PLAIN, PLAIN + f"ENV CASE='{cli} {name}'\n", 1)  # no other case has it in the cache
    for file, text in {"Dockerfile": dockerfile, "a": "a\n", **more.get("files", {})}.items():
        if text or file != "Dockerfile" or name == "empty dockerfile":
            with open(os.path.join(context, file), "w") as out:
                out.write(alone(text))
    env = {**engine.env, "DOCKER_HOST": "unix://" + engine.socket, "DOCKER_BUILDKIT": "0", "DOCKER_CONFIG": work + "/config"}
    for _ in range(2 if more.get("twice") else 1):
        done = subprocess.run([client, "build", *arguments], cwd=context, env=env, input=alone(more.get("stdin", "")), capture_output=True,
                              text=True)
    return {"code": done.returncode, "out": normal(done.stdout, context), "err": normal(done.stderr, context)}


def main():
    enter_namespaces()
    work = tempfile.mkdtemp(prefix="gantry-diff.", dir="/tmp")
    engines, count, compared = [], 0, 0
    try:
        start_both(sys.argv[1], work, engines)
        for engine in engines:
            call(engine, "POST", "/images/load", images.archive(), "application/x-tar")
        for cli, client in clis():
            for case in CASES:
                theirs, ours = [build(engine, cli, client, work, case) for engine in engines]
                compared += 1
                for part in theirs:
                    if theirs[part] != ours[part] and case[0] not in ALLOWED:
                        count += 1
                        print(f"{cli}: {case[0]}: {part}\n    dockerd {json.dumps(theirs[part])}\n    gantry  {json.dumps(ours[part])}")
    finally:
        for engine in engines:
            engine.close()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{compared} builds compared, {count} differences")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
