#!/usr/bin/env python3
"""Files of containers: cp of one large and of many small files in and out, diff, commit, and what a volume adds to a start. Gantry and
dockerd in one run. Run as `files.py --build build/release` in a network and mount namespace of its own, as `./dev bench` does."""
import argparse
import io
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from engines import Docker, Gantry, rss_mib  # noqa: E402

BUSYBOX = "/bin/busybox"


def timed(engine, *args):
    start = time.perf_counter()
    engine.call(*args)
    return time.perf_counter() - start


def import_image(engine, work):
    """busybox, and 2,000 directories of ten files, so that a diff that walks the image has something to walk."""
    path = os.path.join(work, "image.tar")
    if not os.path.exists(path):
        with tarfile.open(path, "w") as tar:
            for name in ("bin", "tmp"):
                info = tarfile.TarInfo(name)
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            tar.add(BUSYBOX, "bin/busybox")
            for name in ("sh", "sleep", "dd", "mkdir"):
                link = tarfile.TarInfo("bin/" + name)
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link)
            for i in range(20000):
                info = tarfile.TarInfo(f"data/{i // 10}/{i}")
                info.size = 100
                tar.addfile(info, io.BytesIO(b"x" * 100))
    engine.call("import", path, "bench:1")


def make_sources(work, scale):
    large, small = os.path.join(work, "large"), os.path.join(work, "small")
    with open(large, "wb") as out:
        for _ in range(int(1000 * scale)):
            out.write(os.urandom(1 << 20))
    for i in range(int(50000 * scale)):
        directory = os.path.join(small, str(i // 100))
        if i % 100 == 0:
            os.makedirs(directory)
        with open(os.path.join(directory, str(i)), "wb") as out:
            out.write(b"y" * (i % 4000))
    return large, small


class Rows:
    def __init__(self, engines, rounds):
        self.engines, self.rounds = engines, rounds
        self.rows = [("what", "who", "median", "ratio")]

    def measure(self, label, step, before=lambda engine: None, unit=1.0, name="s"):
        """Engines take turns, so that a change of the machine's mood meets all of them."""
        times = {engine.name: [] for engine in self.engines}
        for _ in range(self.rounds):
            for engine in self.engines:
                before(engine)
                os.sync()
                times[engine.name].append(step(engine))
        medians = {who: statistics.median(values) for who, values in times.items()}
        for who, seconds in medians.items():
            ratio = "" if who == "gantry" else f"{seconds / medians['gantry']:.2f}x gantry"
            self.rows.append((label, who, f"{seconds * unit:.2f} {name}", ratio))
            label = ""

    def note(self, label, text):
        self.rows.append((label, "gantry", text, ""))

    def show(self):
        widths = [max(len(str(row[i])) for row in self.rows) for i in range(4)]
        for row in self.rows:
            print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip(), flush=True)


def bench_copies(rows, work, scale):
    large, small = make_sources(work, scale)
    out, number = os.path.join(work, "out"), itertools.count()

    def fresh(engine, source):
        """Many files are not deleted before the end: ext4 passes over the inodes of the last minutes' deletions one by one, and
        whoever comes next would pay for that."""
        keep = f"-{next(number)}"
        if os.path.isfile(source):
            engine.call("rm", "-f", "box")
            if os.path.exists(out):
                os.unlink(out)
        else:
            if engine.call("ps", "-q", "-f", "name=^/?box$"):
                engine.call("rename", "box", "box" + keep)
            if os.path.exists(out):
                os.rename(out, out + keep)
        engine.call("run", "-d", "--name", "box", "--network", "none", "bench:1", "sleep", "10000")

    for source, label in ((large, f"one file of {scale:.3g} GB"), (small, f"{int(50000 * scale)} files")):
        if os.path.exists(out):
            os.unlink(out)
        for engine in rows.engines:
            engine.call("rm", "-f", "box")
        rows.measure(f"cp into a container, {label}", lambda e, s=source: timed(e, "cp", s, "box:/in"),
                     lambda e, s=source: fresh(e, s))

        def filled(engine, s=source):
            fresh(engine, s)
            engine.call("cp", s, "box:/in")
        rows.measure(f"cp out of it, {label}", lambda e: timed(e, "cp", "box:/in", out), filled)
    for engine in rows.engines:
        if engine.name == "gantry":
            rows.note("  daemon's memory afterwards", f"{rss_mib(engine.process.pid):.1f} MiB RSS")
    return large


def bench_changes(rows, large, scale):
    def changed(engine, count):
        engine.call("rm", "-f", "box")
        script = f"mkdir /new; i=0; while [ $i -lt {count} ]; do echo >/new/$i; i=$((i+1)); done; sleep 10000"
        engine.call("run", "-d", "--name", "box", "--network", "none", "bench:1", "sh", "-c", script)
        time.sleep(0.3 + count / 2000)
    for count in (10, 1000):
        rows.measure(f"diff with {count} changes, 20,000 files below", lambda e: timed(e, "diff", "box"),
                     lambda e, n=count: changed(e, n), 1000, "ms")

    def grown(engine):
        changed(engine, 0)
        engine.call("cp", large, "box:/large")
        subprocess.run([*engine.cli("rmi", "-f", "committed:1")], env=engine.env, capture_output=True, check=False)
    rows.measure(f"commit of a change of {scale:.3g} GB", lambda e: timed(e, "commit", "box", "committed:1"), grown)


def start_seconds(engine, *options):
    engine.call("create", "--name", "starter", "--network", "none", *options, "bench:1", "sleep", "1000")
    body = time.perf_counter()
    engine.exchange("POST", "/containers/starter/start")
    seconds = time.perf_counter() - body
    engine.call("rm", "-f", "starter")
    return seconds


def bench_volumes(rows, runs):
    """Starts with and without a volume in turns; the medians' difference."""
    for engine in rows.engines:
        engine.call("volume", "create", "vol")
        plain, mounted = [], []
        for _ in range(runs):
            plain.append(start_seconds(engine))
            mounted.append(start_seconds(engine, "-v", "vol:/vol"))
        added = statistics.median(mounted) - statistics.median(plain)
        rows.rows.append(("what a volume adds to a start" if engine is rows.engines[0] else "", engine.name, f"{added * 1000:.2f} ms",
                          f"of {statistics.median(mounted) * 1000:.1f} ms"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="1: 1 GB and 50,000 files")
    options = parser.parse_args()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    work = tempfile.mkdtemp(prefix="gantry-files.", dir="/tmp")
    engines = []
    try:
        engines.append(Gantry(options.build, work))
        if Docker.installed():
            engines.append(Docker(work))
        for engine in engines:
            import_image(engine, work)
        rows = Rows(engines, options.rounds)
        large = bench_copies(rows, work, options.scale)
        bench_changes(rows, large, options.scale)
        bench_volumes(rows, 30)
        rows.show()
    finally:
        for engine in engines:
            engine.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
