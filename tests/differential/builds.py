#!/usr/bin/env python3
"""Builds the same contexts with a real dockerd's classic builder and with gantryd, and compares what they tell, the image's
configuration and history, and every file.

usage: builds.py BUILD-DIRECTORY

Exit code 77: dockerd is not installed or does not start here, or there is no root.
"""
import http.client
import io
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import images  # noqa: E402
from engines import UnixHttp  # noqa: E402
from inside import enter_namespaces, start_both  # noqa: E402

FILE, LINK, DIRECTORY = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE
FROM = "FROM diff/plain\n"
# What the kernel and the engines put into every container.
NOT_OURS = re.compile(r"^(\.dockerenv|dev|proc|sys|etc|etc/(hosts|hostname|resolv\.conf|mtab)|run|bin)(/|$)")


def archive_of(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content, *mode in entries:
            info = tarfile.TarInfo(name)
            info.mtime = 1000000000
            info.mode = mode[0] if mode else (0o755 if name.endswith("/") else 0o644)
            if name.endswith("/"):
                info.type = DIRECTORY
                tar.addfile(info)
            elif isinstance(content, tuple):
                info.type, info.linkname = LINK, content[0]
                tar.addfile(info)
            else:
                data = content if isinstance(content, bytes) else content.encode()
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


TREE = [("a", "a\n"), ("b", "b\n", 0o4755), ("d/", "", 0o2775), ("d/e/", "", 0o700), ("d/e/c", "c\n"), ("d/link", ("../a",)), ("l", ("a",))]
PACKED = archive_of([("q/", ""), ("q/f", "f\n", 0o640)])

# name, Dockerfile, other files, query
CASES = [
    ("metadata", FROM + "ARG V=1\nENV A=b C=\"d e\" E=${V}x\nLABEL x=y \"z z\"=w\nMAINTAINER me\nEXPOSE 80 90/udp 5-7\nVOLUME /vol\n"
     "USER worker\nCMD [\"sh\"]\nENTRYPOINT echo hi\nSTOPSIGNAL SIGTERM\nHEALTHCHECK --interval=3s --retries=10 CMD true\n"
     "SHELL [\"/bin/sh\",\"-ec\"]\nONBUILD RUN echo ob\n"),
    ("copy", FROM + "COPY a /x/\nCOPY d /y\nCOPY d/ /y2/\nADD d /z/\nCOPY --chown=1000 a b /own/\nCOPY --chown=worker:worker d /own2/\n"
     "COPY l /lnk\nCOPY . /all/\nCOPY a /new/deep/file\n", TREE),
    ("add_archive", FROM + "ADD t.tar /t\nADD t.tar /t2/\nCOPY t.tar /t3/\nADD --chown=3:4 t.tar /t4/\n", [("t.tar", PACKED)]),
    ("wildcards", FROM + "COPY a* d*/e* /o/\nCOPY [b] /p/\n", TREE),
    ("ignore", FROM + "COPY . /o/\n", TREE + [(".dockerignore", "d/*\n!d/e\n**/c\nb\n")]),
    ("destinations", FROM + "WORKDIR /w\nCOPY a .\nCOPY a ./b/\nCOPY a c\n", TREE),
    ("run", FROM + "RUN echo 1 > /srv/a; ls / > /srv/ls\nWORKDIR /w/k\nWORKDIR rel\nENTRYPOINT [\"a\"]\nCMD []\n"),
    ("cmd_of_base", FROM + "ENTRYPOINT [\"b\"]\n"),
    ("cmd_stays", FROM + "CMD [\"x\"]\nENTRYPOINT []\n"),
    ("cmd_empty", FROM + "ENTRYPOINT [\"x\"]\nCMD\n"),
    ("scratch", FROM.replace("\n", " AS a\n") + "RUN echo 1 > /srv/f\nFROM scratch\nCOPY --from=a --chown=5:6 /srv/f /q/f\nCMD [\"x\"]\n"),
    ("env", FROM + "ENV X=1\nENV X=2 Y=$X Z=\"a $X b\" W=\\$X\nENV old form with  blanks\nLABEL q=\"a\\nb\" r='$X'\n"),
    ("arguments", "ARG I=diff/plain\n" + "FROM $I AS q\nARG A=1\nARG B\nRUN echo \"$A-$B\" > /srv/a\nENV A=3\nRUN echo \"$A-$B\" > /srv/b\n", [], "&buildargs=" + "%7B%22B%22%3A%22b%22%2C%22unused%22%3A%22%22%7D"),
    ("volume", FROM + "RUN echo 1 > /srv/a\nVOLUME /srv\nRUN echo 2 > /srv/b; echo 3 > /home/c\n"),
    ("triggers", FROM.replace("\n", " AS a\n") + "ONBUILD ENV q=1\nONBUILD RUN echo 1 > /srv/a\nFROM a\nLABEL z=1\n"),
    ("labels", FROM + "LABEL a=b\n", [], "&labels=%7B%22l%22%3A%22m%22%7D"),
    ("target", FROM.replace("\n", " AS a\n") + "LABEL s=a\nFROM diff/plain\nRUN false\n", [], "&target=a"),
    ("fails", FROM + "RUN exit 3\n"),
    ("missing_file", FROM + "COPY nope /x\n"),
    ("outside", FROM + "COPY ../x /x\n"),
    ("unknown_instruction", FROM + "FOO\n"),
    ("no_stage", "RUN x\n"),
    ("bad_substitution", FROM + "ENV a=${b:?foo}\n"),
    ("bad_quotes", FROM + "ENV a=\"b\n"),
    ("unknown_owner", FROM + "COPY --chown=nope a /a\n", TREE),
    ("current_stage", FROM + "COPY --from=0 /a /b\n"),
    ("many_to_file", FROM + "COPY a b /c\n", TREE),
    ("bad_port", FROM + "EXPOSE abc\n"),
    ("bad_signal", FROM + "STOPSIGNAL FOO\n"),
    ("no_command", FROM + "RUN []\n"),
]


def call(engine, method, path, body=None, content_type="application/json"):
    connection = UnixHttp(engine.socket)
    connection.request(method, "/v1.41" + path, body, {"Content-Type": content_type} if body else {})
    response = connection.getresponse()
    try:
        data = response.read()
    except http.client.IncompleteRead as partial:
        data = partial.partial
    connection.close()
    return response.status, data


# Words of 20.10 that newer releases, and Gantry, have in another way.
OLDER_WORDS = {"Invalid signal: ": "invalid signal: ", "Removing intermediate container": " ---> Removed intermediate container"}


def normal(text):
    for older, newer in OLDER_WORDS.items():
        text = text.replace(older, newer)
    text = re.sub(r"\b(file|dir|multi):[0-9a-f]{64}", r"\1:<hash>", text)
    return re.sub(r"\b[0-9a-f]{12}\b|\b[0-9a-f]{64}\b", "<id>", text)


def story(data):
    messages = [json.loads(line) for line in data.decode().splitlines() if line]
    return [normal(json.dumps(message, sort_keys=True)) for message in messages]


def tree(data):
    rows = []
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            name = member.name.strip("/")
            if NOT_OURS.match(name):
                continue
            content = tar.extractfile(member).read().decode("latin1") if member.isreg() else ""
            # What a step wrote itself has the time of this run.
            time = member.mtime if member.mtime == 1000000000 else 0
            rows.append((name, oct(member.mode & 0o7777), member.type.decode(), member.uid, member.gid, member.linkname, content, time))
    return sorted(rows)


def build(engine, name, dockerfile, files=(), query=""):
    context = archive_of([("Dockerfile", dockerfile), *files])
    status, data = call(engine, "POST", f"/build?t=built:{name}&networkmode=none&forcerm=1{query}", context, "application/x-tar")
    answer = {"status": status, "story": story(data)}
    if status != 200 or b"Successfully tagged" not in data:
        return answer
    image = json.loads(call(engine, "GET", f"/images/built:{name}/json")[1])
    answer["config"] = {key: value for key, value in image["Config"].items() if key != "Image"}
    answer["author"] = image["Author"]
    answer["history"] = [normal(line["CreatedBy"]) for line in json.loads(call(engine, "GET", f"/images/built:{name}/history")[1])]
    made = json.loads(call(engine, "POST", "/containers/create", json.dumps({"Image": "built:" + name, "Cmd": ["x"]}))[1])
    answer["files"] = tree(call(engine, "GET", f"/containers/{made['Id']}/export")[1])
    call(engine, "DELETE", f"/containers/{made['Id']}?v=1")
    return answer


def compare(name, docker, gantry):
    count = 0
    for part in sorted(set(docker) | set(gantry)):
        theirs, ours = docker.get(part), gantry.get(part)
        if theirs == ours:
            continue
        count += 1
        print(f"{name}: {part}")
        if isinstance(theirs, list) and isinstance(ours, list):
            theirs, ours = [x for x in theirs if x not in ours] or theirs, [x for x in ours if x not in theirs] or ours
        print(f"    dockerd {json.dumps(theirs)}\n    gantry  {json.dumps(ours)}")
    return count


def main():
    enter_namespaces()
    work = tempfile.mkdtemp(prefix="gantry-diff.", dir="/tmp")
    engines, count = [], 0
    try:
        start_both(sys.argv[1], work, engines)
        for engine in engines:
            status, answer = call(engine, "POST", "/images/load", images.archive(), "application/x-tar")
            if status != 200:
                sys.exit(f"{engine.name}: load: {status} {answer!r}")
        for case in CASES:
            count += compare(case[0], *[build(engine, *case) for engine in engines])
    finally:
        for engine in engines:
            engine.close()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(CASES)} builds compared, {count} differences")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
