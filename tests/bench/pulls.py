#!/usr/bin/env python3
"""Pull, push, load and save of the same images with the same docker-registry: Gantry, dockerd, podman. Run as `pulls.py --build build/release`
in a network and mount namespace of its own (`unshare -mn`), as `./dev bench` does."""
import argparse
import gzip
import hashlib
import http.client
import io
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from engines import Docker, Gantry, Podman  # noqa: E402

MEDIA = "application/vnd.docker.distribution.manifest.v2+json"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Registry:
    def __init__(self, work):
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        config = os.path.join(work, "registry.yml")
        with open(config, "w") as out:
            out.write("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
                      f"storage: {{filesystem: {{rootdirectory: {work}/registry}}}}\nhttp: {{addr: '{self.host}'}}\n")
        self.process = subprocess.Popen(["docker-registry", "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                self.request("GET", "/v2/")
                return
            except OSError:
                time.sleep(0.02)
        sys.exit("bench: docker-registry does not answer")

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        response.read()
        connection.close()
        if response.status >= 300:
            sys.exit(f"bench: registry: {method} {path}: {response.status}")
        return response

    def put_blob(self, name, data):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        location = self.request("POST", f"/v2/{name}/blobs/uploads/").getheader("Location")
        path = location[location.index("/v2/"):]
        self.request("PUT", path + ("&" if "?" in path else "?") + "digest=" + digest, data,
                     {"Content-Type": "application/octet-stream"})
        return {"digest": digest, "size": len(data)}

    def close(self):
        self.process.terminate()
        self.process.wait()


WORDS = [("%08x" % (i * 2654435761 & 0xffffffff)).encode() for i in range(4096)]
TEXT = b" ".join(random.Random(0).choices(WORDS, k=1 << 20))


def file_content(rng, size):
    """Half text that packs well, half bytes that do not: about what programs and libraries are."""
    start = rng.randrange(len(TEXT) - size // 2)
    return TEXT[start:start + size // 2] + rng.randbytes(size - size // 2)


def layer(rng, size, number):
    """Files of 4 KiB to 1 MiB."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        left, i = size, 0
        while left > 0:
            length = min(left, rng.choice([4096, 16384, 65536, 262144, 1048576]))
            info = tarfile.TarInfo(f"data/{number}/{i // 64}/{i}")
            info.size = length
            tar.addfile(info, io.BytesIO(file_content(rng, length)))
            left, i = left - length, i + 1
    return out.getvalue()


def put_image(registry, name, layers, layer_size):
    rng = random.Random(name)
    descriptors, diff_ids, packed = [], [], 0
    for number in range(layers):
        tar = layer(rng, layer_size, number)
        diff_ids.append("sha256:" + hashlib.sha256(tar).hexdigest())
        blob = gzip.compress(tar, 1, mtime=0)
        packed += len(blob)
        descriptors.append({"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", **registry.put_blob(name, blob)})
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/x"]},
                         "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
    manifest = {"schemaVersion": 2, "mediaType": MEDIA,
                "config": {"mediaType": "application/vnd.docker.container.image.v1+json", **registry.put_blob(name, config)},
                "layers": descriptors}
    registry.request("PUT", f"/v2/{name}/manifests/1", json.dumps(manifest), {"Content-Type": MEDIA})
    return packed


def timed(engine, *args):
    start = time.perf_counter()
    engine.call(*args)
    return time.perf_counter() - start


def peak_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


def reset_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w") as refs:
        refs.write("5")


def cpu_s(pid):
    """User and system seconds of a process."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Figures:
    """Seconds of each verb and engine, and what gantry's daemon took for it."""

    def __init__(self, engines):
        self.engines, self.gantry = engines, engines[0]
        self.times, self.cpu, self.peaks = {}, {}, {}

    def measure(self, verb, engine, *args):
        os.sync()
        mine = engine is self.gantry
        if mine:
            reset_peak(engine.process.pid)
            before = cpu_s(engine.process.pid)
        self.times.setdefault(verb, {}).setdefault(engine.name, []).append(timed(engine, *args))
        if mine:
            self.cpu.setdefault(verb, []).append(cpu_s(engine.process.pid) - before)
            self.peaks[verb] = max(self.peaks.get(verb, 0), peak_mib(engine.process.pid))

    def median(self, verb, name="gantry"):
        return statistics.median(self.times[verb][name])

    def rows(self, verb, label):
        ours = self.median(verb)
        for name in self.times[verb]:
            seconds = self.median(verb, name)
            yield label, name, f"{seconds:.2f} s", "" if name == "gantry" else f"{seconds / ours:.2f}x gantry"
            label = ""
        yield "", "gantry", f"{statistics.median(self.cpu[verb]):.2f} s", "of the daemon's cores"
        yield "", "gantry", f"{self.peaks[verb]:.1f} MiB", "its peak (RSS)"


def bench_pull(figures, image, rounds):
    for _ in range(rounds):
        for engine in figures.engines:
            figures.measure("pull", engine, *engine.pull_args, image)
            engine.call("rmi", "-f", image)


def write_archive(path, name, tars):
    """A docker-archive of plain tars, as `docker save` makes it of layers that were made on that machine."""
    diff_ids = []
    with tarfile.open(path, "w") as archive:
        def add(member, data):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for number, tar in enumerate(tars):
            diff_ids.append("sha256:" + hashlib.sha256(tar).hexdigest())
            add(f"{number}/layer.tar", tar)
        add("config.json", json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                                       "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode())
        add("manifest.json", json.dumps([{"Config": "config.json", "RepoTags": [name],
                                          "Layers": [f"{n}/layer.tar" for n in range(len(tars))]}]).encode())


def bench_made_here(figures, registry, layers, layer_size, rounds, verbs):
    """load of an archive, save of what was loaded, and push of it to a repository of its own. A push packs what was never packed;
    every round has other bytes, the same for all engines."""
    work = os.path.dirname(figures.gantry.root)
    for number in range(rounds):
        rng = random.Random(number)
        tars = [layer(rng, layer_size, i) for i in range(layers)]
        for engine in figures.engines:
            name = f"{registry.host}/push-{engine.name}:{layers}-{number}"
            path = os.path.join(work, f"image-{engine.name}-{number}.tar")
            write_archive(path, name, tars)
            figures.measure("load", engine, "load", "-q", "-i", path)
            os.unlink(path)
            if "save" in verbs:
                figures.measure("save", engine, "save", "-o", path, name)
                os.unlink(path)
            if "push" in verbs:
                figures.measure("push", engine, *engine.push_args, name)
            engine.call("rmi", "-f", name)


def stages_of(build, work, blobs):
    """Seconds of each step by itself."""
    program = os.path.join(build, "tests/gantry-layer-stages")
    if not os.path.exists(program):
        return None
    room = os.path.join(work, "stages")
    os.makedirs(room)
    os.sync()
    done = subprocess.run([program, room, *blobs], capture_output=True, text=True)
    shutil.rmtree(room)
    if done.returncode:
        sys.exit("bench: " + done.stderr)
    return json.loads(done.stdout)


def download_s(registry, name):
    """All blobs of an image, one after the other, to nowhere."""
    manifest = json.loads(subprocess.run(["curl", "-sf", "-H", "Accept: " + MEDIA, f"http://{registry.host}/v2/{name}/manifests/1"],
                                         capture_output=True, check=True).stdout)
    urls = [f"http://{registry.host}/v2/{name}/blobs/{one['digest']}" for one in manifest["layers"]]
    start = time.perf_counter()
    subprocess.run(["curl", "-sf", *[arg for url in urls for arg in ("-o", "/dev/null", url)]], check=True)
    return time.perf_counter() - start


def limit_rows(what, seconds, stages, download):
    """Where the time goes, and how far it is from what cores and disk allow: the steps share the cores, only the disk works beside
    them. What is stored as it came is written once more."""
    mb = 1e6
    stored, cores = stages["packed"], os.cpu_count()
    written = stages["unpacked"] + stored
    copy = stages["write"] * written / stages["unpacked"]
    sync = stages["sync"] * written / stages["unpacked"]
    hashed = stages["hash"] * (stages["unpacked"] + (stored if download is not None else 0)) / stages["unpacked"]
    steps = [("download", download, stored)] if download is not None else [("read", stages["read"], stored)]
    if stored != stages["unpacked"]:
        steps.append(("inflate", stages["inflate"], stages["unpacked"]))
    steps += [("hash", hashed, written if download is not None else stages["unpacked"]), ("write (to memory)", copy, written)]
    yield f"where a {what} goes", "", "", "each step alone, in seconds of a core; download and disk as they pass"
    for name, took, size in steps:
        yield "  " + name, "", f"{took:.2f} s", f"{size / mb / max(took, 1e-6):.0f} MB/s"
    yield "  write (memory to disk)", "", f"{sync:.2f} s", f"{written / mb / max(sync, 1e-6):.0f} MB/s"
    core = sum(took for _, took, _ in steps) / cores
    limit = max(core, sync)
    yield f"  limit: {'disk' if sync > core else f'{cores} cores'}", "", f"{limit:.2f} s", f"gantry takes {seconds / limit:.2f}x of it"


def table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip(), flush=True)


def blobs_of(work, name):
    """The registry's files of an image's layers."""
    blobs = os.path.join(work, "registry/docker/registry/v2/blobs/sha256")
    links = os.path.join(work, f"registry/docker/registry/v2/repositories/{name}/_layers/sha256")
    files = [os.path.join(blobs, digest[:2], digest, "data") for digest in os.listdir(links)]
    return [path for path in files if os.path.getsize(path) > 65536]  # without the config


def bench_image(engines, registry, work, options, image, layers, size):
    shape = f"{layers} layers, {layers * size / 1e6:.0f} MB"
    figures = Figures(engines)
    if "pull" in options.verbs:
        packed = put_image(registry, image, layers, size)
        bench_pull(figures, f"{registry.host}/{image}:1", options.rounds)
        yield from figures.rows("pull", f"pull {shape} ({packed / 1e6:.0f} MB packed)")
        if stages := stages_of(options.build, work, blobs_of(work, image)):
            yield from limit_rows("pull", figures.median("pull"), stages, download_s(registry, image))
    made = [verb for verb in ("load", "save", "push") if verb in options.verbs]
    if not made:
        return
    bench_made_here(figures, registry, layers, size, options.rounds, made)
    for verb in made:
        yield from figures.rows(verb, f"{verb} {shape}")
    paths = []
    for number in range(layers):
        paths.append(os.path.join(work, f"plain-{number}"))
        with open(paths[-1], "wb") as out:
            out.write(layer(random.Random(number), size, number))
    if stages := stages_of(options.build, work, paths):
        yield from limit_rows("load", figures.median("load"), stages, None)
    for path in paths:
        os.unlink(path)


IMAGES = {"big": (10, 100e6), "many": (40, 7.5e6)}
VERBS = ("pull", "load", "save", "push")


def words_of(allowed):
    def parse(text):
        words = text.split(",")
        if set(words) - set(allowed):
            raise argparse.ArgumentTypeError(f"{text}: some of {','.join(allowed)}")
        return words
    return parse


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the images, 1: 1 GB and 300 MB")
    parser.add_argument("--engines", type=words_of(("gantry", "dockerd", "podman")), default=["gantry", "dockerd", "podman"])
    parser.add_argument("--verbs", type=words_of(VERBS), default=list(VERBS), help="some of " + ",".join(VERBS))
    parser.add_argument("--images", type=words_of(IMAGES), default=list(IMAGES), help="some of " + ",".join(IMAGES))
    options = parser.parse_args()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    work = tempfile.mkdtemp(prefix="gantry-pulls.", dir="/tmp")
    engines, registry = [], None
    try:
        registry = Registry(work)
        engines.append(Gantry(options.build, work))
        engines += [kind(work) for kind in (Docker, Podman) if kind.name in options.engines and kind.installed()]
        for engine in engines:
            podman = engine.name == "podman"
            engine.pull_args = ("pull", "-q", *(["--tls-verify=false"] if podman else []))
            engine.push_args = ("push", *(["--tls-verify=false"] if podman else ["-q"]))
        rows = [("what", "who", "median", "")]
        for image in options.images:
            layers, size = IMAGES[image]
            rows += bench_image(engines, registry, work, options, image, layers, int(size * options.scale))
        table(rows)
    finally:
        for engine in engines:
            engine.close()
        if registry:
            registry.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
