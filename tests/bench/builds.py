#!/usr/bin/env python3
"""Builds with Gantry, dockerd's classic builder and buildah: a rebuild of which nothing changed, a cold build, the upload of a large
context, and stages that do not need each other. Run as `builds.py --build build/release` in a network and mount namespace of its own
(`unshare -mn`), as `./dev bench` does."""
import argparse
import io
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from engines import Docker, Gantry, UnixHttp  # noqa: E402

FILES = 20000
STEPS = ["FROM bench/busybox", "ARG V=1", "ENV A=1 B=2", "LABEL a=b", "WORKDIR /w", "COPY a /w/a", "RUN echo 1 > /w/1", "ENV C=3", "RUN echo 2 > /w/2",
         "COPY a /w/b", "RUN echo 3 > /w/3", "EXPOSE 80", "USER 0", "RUN echo 4 > /w/4", "COPY a /w/c", "VOLUME /v", "LABEL c=d",
         "STOPSIGNAL SIGTERM", "CMD [\"true\"]", "ENTRYPOINT [\"sh\"]"]
STAGES = "FROM bench/busybox AS a\nRUN sleep 1; echo 1 > /a\nFROM bench/busybox AS b\nRUN sleep 1; echo 1 > /b\nFROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /\n"


def context(dockerfile):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in (("Dockerfile", dockerfile), ("a", "a\n")):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def post_build(engine, dockerfile, query=""):
    """Milliseconds from the request's first byte to the answer's last."""
    connection = UnixHttp(engine.socket)
    body = context(dockerfile)
    start = time.perf_counter()
    connection.request("POST", "/v1.41/build?networkmode=none" + query, body, {"Content-Type": "application/x-tar"})
    answer = connection.getresponse().read()
    elapsed = (time.perf_counter() - start) * 1000
    connection.close()
    if b"Successfully built" not in answer:
        sys.exit(f"bench: {engine.name}: build failed: {answer[-500:]!r}")
    return elapsed


class Buildah:
    name = "buildah"

    def __init__(self, work, base):
        self.root, self.directory = os.path.join(work, "b"), os.path.join(work, "b-context")
        os.makedirs(self.directory)
        with open(os.path.join(self.directory, "Dockerfile"), "w") as out:
            out.write("\n".join(STEPS) + "\n")
        with open(os.path.join(self.directory, "a"), "w") as out:
            out.write("a\n")
        self.argv = ["buildah", "--root", self.root, "--runroot", self.root + "-run", "--storage-driver", "overlay"]
        made = subprocess.run([*self.argv, "from", "--name", "base", "scratch"], capture_output=True)
        for argv in (["add", "base", base, "/"], ["commit", "base", "bench/busybox"]):
            made = made if made.returncode else subprocess.run([*self.argv, *argv], capture_output=True)
        self.problem = made.stderr.decode()[-200:] if made.returncode else ""

    def build(self, *flags):
        start = time.perf_counter()
        # crun refuses cgroups in hybrid mode.
        runtime = ["--runtime", shutil.which("runc")] if shutil.which("runc") else []
        done = subprocess.run([*self.argv, "bud", *runtime, "--layers", "--pull-never", "--network", "host", *flags, self.directory],
                              capture_output=True)
        if done.returncode:
            self.problem = done.stderr.decode()[-300:]
        return (time.perf_counter() - start) * 1000


def busybox(work):
    root = os.path.join(work, "busybox")
    os.makedirs(os.path.join(root, "bin"))
    shutil.copy(shutil.which("busybox") or "/bin/busybox", os.path.join(root, "bin/busybox"))
    for applet in ("sh", "sleep", "echo", "true"):
        os.link(os.path.join(root, "bin/busybox"), os.path.join(root, "bin", applet))
    archive = os.path.join(work, "busybox.tar")
    subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
    return archive


def many_files(work):
    root = os.path.join(work, "many")
    for directory in range(100):
        os.makedirs(f"{root}/d{directory}")
        for file in range(FILES // 100):
            with open(f"{root}/d{directory}/file{file}", "w") as out:
                out.write(f"{directory} {file}\n" * 50)
    with open(root + "/Dockerfile", "w") as out:
        out.write("FROM scratch\nCOPY Dockerfile /\n")
    with open(root + "/All", "w") as out:
        out.write("FROM scratch\nCOPY . /\n")
    return root


def upload(engine, root, *flags):
    env = {**(engine.env or os.environ), "DOCKER_BUILDKIT": "0"}
    start = time.perf_counter()
    subprocess.run(engine.cli("build", "-q", *flags, root), env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def show(label, values, unit="ms"):
    base = values.get("gantry", 0)
    for name, value in values.items():
        ratio = "" if name == "gantry" or not base else f"  {value / base:.2f}x gantry"
        print(f"{label:<34}{name:<10}{value:>10.1f} {unit}{ratio}")
        label = ""


def many_steps(engines, work, base, count, median):
    rounds, dockerfile = range(count), "\n".join(STEPS) + "\n"
    cold = {e.name: [] for e in engines}
    warm = {e.name: [] for e in engines}
    for _ in rounds:
        for engine in engines:
            cold[engine.name].append(post_build(engine, dockerfile, "&nocache=1"))
    for engine in engines:
        post_build(engine, dockerfile)
    for _ in rounds:
        for engine in engines:
            warm[engine.name].append(post_build(engine, dockerfile))
    if shutil.which("buildah"):
        buildah = Buildah(work, base)
        if not buildah.problem:
            cold["buildah"] = [buildah.build("--no-cache") for _ in rounds]
            warm["buildah"] = [buildah.build() for _ in range(len(rounds) + 1)][1:]
        if buildah.problem:
            print(f"buildah does not build here: {buildah.problem}")
            cold.pop("buildah", None)
            warm.pop("buildah", None)
    show("20 steps, nothing changed", median(warm))
    show("20 steps, cold", median(cold))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--disk", action="store_true", help="engines and context on the file system of /tmp, not in memory")
    parser.add_argument("--only-context", action="store_true", help="only the upload of many files")
    options = parser.parse_args()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    work = tempfile.mkdtemp(prefix="gantry-bench.", dir="/tmp")
    # ext4 does not give inodes out again for five seconds, and looks past each of them: uploads that are removed and repeated would
    # measure that, and whichever engine has the fuller block group.
    if not options.disk:
        subprocess.run(["mount", "-t", "tmpfs", "bench", work], check=True)
    base, engines = busybox(work), []
    try:
        engines.append(Gantry(os.path.abspath(options.build), work))
        if Docker.installed():
            engines.append(Docker(work))
        for engine in engines:
            engine.call("import", base, "bench/busybox:latest")
        median = lambda all_times: {name: statistics.median(times) for name, times in all_times.items() if times}
        if not options.only_context:
            many_steps(engines, work, base, options.rounds, median)
        root = many_files(work)
        sent = {e.name: [] for e in engines}
        for _ in range(options.rounds):
            for engine in engines:
                sent[engine.name].append(upload(engine, root))
        show(f"context of {FILES} files", median(sent))
        copied = {e.name: [] for e in engines}
        for _ in range(options.rounds):
            for engine in engines:
                copied[engine.name].append(upload(engine, root, "--no-cache", "-f", root + "/All"))
        show("the same, all of them copied", median(copied))
        if not options.only_context:
            show("two stages that sleep for 1 s", {e.name: post_build(e, STAGES, "&nocache=1") for e in engines})
    finally:
        for engine in engines:
            engine.close()
        if not options.disk:
            subprocess.run(["umount", "-l", work])
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
