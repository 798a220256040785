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


def file_content(rng, size):
    """Half text that packs well, half bytes that do not: about what programs and libraries are."""
    text = b" ".join(rng.choices(WORDS, k=size // 18))
    return (text + rng.randbytes(size - len(text)))[:size]


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
        blob = gzip.compress(tar, 6, mtime=0)
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


def bench_pull(engines, image, rounds):
    times = {engine.name: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            os.sync()
            times[engine.name].append(timed(engine, *engine.pull_args, image))
            engine.call("rmi", "-f", image)
    return {name: statistics.median(values) for name, values in times.items()}


def write_archive(path, name, layers, layer_size):
    """A docker-archive of plain tars, as `docker save` makes it of layers that were made on that machine."""
    rng = random.Random(path)
    diff_ids = []
    with tarfile.open(path, "w") as archive:
        def add(member, data):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for number in range(layers):
            tar = layer(rng, layer_size, number)
            diff_ids.append("sha256:" + hashlib.sha256(tar).hexdigest())
            add(f"{number}/layer.tar", tar)
        add("config.json", json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                                       "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode())
        add("manifest.json", json.dumps([{"Config": "config.json", "RepoTags": [name],
                                          "Layers": [f"{n}/layer.tar" for n in range(layers)]}]).encode())


def bench_made_here(engines, registry, layers, layer_size, rounds):
    """load of an archive, save of what was loaded, and push of it to a repository of its own. A push packs what was never packed;
    every round has other bytes."""
    times = {verb: {engine.name: [] for engine in engines} for verb in ("load", "save", "push")}
    work = os.path.dirname(engines[0].root)
    for number in range(rounds):
        for engine in engines:
            name = f"{registry.host}/push-{engine.name}:{number}"
            path = os.path.join(work, f"image-{engine.name}-{number}.tar")
            write_archive(path, name, layers, layer_size)
            os.sync()
            times["load"][engine.name].append(timed(engine, "load", "-q", "-i", path))
            os.unlink(path)
            os.sync()
            times["save"][engine.name].append(timed(engine, "save", "-o", path, name))
            os.unlink(path)
            os.sync()
            times["push"][engine.name].append(timed(engine, *engine.push_args, name))
            engine.call("rmi", "-f", name)
    return {verb: {name: statistics.median(values) for name, values in by_engine.items()} for verb, by_engine in times.items()}


def table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the images, 1: 1 GB and 300 MB")
    parser.add_argument("--only-gantry", action="store_true")
    options = parser.parse_args()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    work = tempfile.mkdtemp(prefix="gantry-pulls.", dir="/tmp")
    engines, registry = [], None
    try:
        registry = Registry(work)
        gantry = Gantry(options.build, work)
        engines.append(gantry)
        if not options.only_gantry:
            engines += [kind(work) for kind in (Docker, Podman) if kind.installed()]
        for engine in engines:
            podman = engine.name == "podman"
            engine.pull_args = ("pull", "-q", *(["--tls-verify=false"] if podman else []))
            engine.push_args = ("push", *(["--tls-verify=false"] if podman else ["-q"]))
        rows = [("what", "who", "median", "ratio")]
        for name, layers, size in (("big", 10, int(100e6 * options.scale)), ("many", 40, int(7.5e6 * options.scale))):
            packed = put_image(registry, name, layers, size)
            reset_peak(gantry.process.pid)
            times = bench_pull(engines, f"{registry.host}/{name}:1", options.rounds)
            label = f"pull {layers} layers, {layers * size / 1e6:.0f} MB ({packed / 1e6:.0f} MB packed)"
            for engine, seconds in times.items():
                rows.append((label, engine, f"{seconds:.2f} s", "" if engine == "gantry" else f"{seconds / times['gantry']:.2f}x gantry"))
                label = ""
            rows.append(("  daemon's peak while pulling", "gantry", f"{peak_mib(gantry.process.pid):.1f} MiB RSS", ""))
        for layers, size in ((10, int(100e6 * options.scale)), (40, int(7.5e6 * options.scale))):
            reset_peak(gantry.process.pid)
            results = bench_made_here(engines, registry, layers, size, options.rounds)
            for verb, times in results.items():
                label = f"{verb} {layers} layers, {layers * size / 1e6:.0f} MB"
                for engine, seconds in times.items():
                    rows.append((label, engine, f"{seconds:.2f} s", "" if engine == "gantry" else f"{seconds / times['gantry']:.2f}x gantry"))
                    label = ""
            rows.append(("  daemon's peak meanwhile", "gantry", f"{peak_mib(gantry.process.pid):.1f} MiB RSS", ""))
        table(rows)
    finally:
        for engine in engines:
            engine.close()
        if registry:
            registry.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
