#!/usr/bin/env python3
"""Measures Gantry against the floor program and, where installed, dockerd and podman. Run through `./dev bench`.

Every figure is the median of interleaved runs in one go on one machine; what matters is the ratios.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from engines import Docker, Gantry, Podman  # noqa: E402
from bench_networks import bench_bridge_starts, bench_names  # noqa: E402
from crowds import bench_crowd, bench_starts, bench_verbs, bench_watching  # noqa: E402


def spawn(argv, env=None):
    """Runs argv with stdout discarded; returns (milliseconds, exit code)."""
    null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1)]
    start = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, env if env is not None else dict(os.environ), file_actions=actions)
    _, status = os.waitpid(pid, 0)
    elapsed = (time.perf_counter() - start) * 1000
    os.close(null)
    return elapsed, os.waitstatus_to_exitcode(status)


def median_of(commands, rounds):
    """commands: {name: () -> (argv, env)}; interleaved; {name: median ms}. A failing command ends the bench."""
    times = {name: [] for name in commands}
    for i in range(rounds + 1):
        for name, make in commands.items():
            argv, env = make()
            elapsed, code = spawn(argv, env)
            if code != 0:
                sys.exit(f"bench: {name}: {' '.join(argv)}: exit code {code}")
            if i:  # the first round warms up
                times[name].append(elapsed)
    return {name: statistics.median(values) for name, values in times.items()}


def unpack_layer(image_tar, target):
    """The root filesystem of the (single-layer) embedded image, for the floor program."""
    with tarfile.open(image_tar) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))
        for layer in manifest[0]["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(layer)) as tar:
                tar.extractall(target)


def bench_run(engines, build, work, rounds):
    rootfs = os.path.join(work, "rootfs")
    unpack_layer(os.path.join(build, "share/gantry/hello.tar"), rootfs)
    floor = os.path.join(build, "tests/gantry-floor")

    def floor_command():
        scratch = tempfile.mkdtemp(dir=work)
        return [floor, rootfs, scratch, "/hello", "true"], None

    commands = {"floor": floor_command}
    for engine in engines:
        commands[engine.name] = lambda e=engine: (e.cli("run", "--rm", "--network", "none", "gantry/hello", "true"), e.env)
    return median_of(commands, rounds)


def bench_bridge(engines, build, work, rounds):
    """The same on a bridge; the floor has one of its own."""
    subprocess.run("ip link add floor0 type bridge && ip address add 172.31.0.1/16 dev floor0 && ip link set floor0 up",
                   shell=True, check=True)
    rootfs = os.path.join(work, "rootfs")
    floor = os.path.join(build, "tests/gantry-floor-bridge")

    def floor_command():
        scratch = tempfile.mkdtemp(dir=work)
        return [floor, "--bridge", "floor0", rootfs, scratch, "/hello", "true"], None

    commands = {"floor": floor_command}
    for engine in engines:
        commands[engine.name] = lambda e=engine: (e.cli("run", "--rm", "gantry/hello", "true"), e.env)
    return median_of(commands, rounds)


def bench_publish(gantry):
    """Milliseconds to start a container with a port when few and when many are published, and with a range of 10,000."""
    def start(name, *ports):
        gantry.call("create", "--name", name, *ports, "gantry/hello", "sleep", "1000")
        begin = time.perf_counter()
        gantry.post(f"/containers/{name}/start", None)
        return (time.perf_counter() - begin) * 1000

    first = statistics.median(start(f"few{i}", "-p", f"{20000 + i}:80") for i in range(9))
    start("many", "-p", "21000-21999:1000-1999")
    thousandth = statistics.median(start(f"more{i}", "-p", f"{22000 + i}:80") for i in range(9))
    none = statistics.median(start(f"none{i}") for i in range(9))
    whole_range = start("range", "-p", "30000-39999:30000-39999")
    for line in gantry.call("ps", "-aq").split():
        gantry.call("rm", "-f", line)
    return {"none": none, "first": first, "after_1000": thousandth, "range_10000": whole_range}


def bench_exec(engines, rounds):
    commands = {}
    for engine in engines:
        engine.call("run", "-d", "--name", "bench-exec", "--network", "none", "gantry/hello", "sleep", "1000")
        commands[engine.name] = lambda e=engine: (e.cli("exec", "bench-exec", "/hello", "true"), e.env)
    result = median_of(commands, rounds)
    for engine in engines:
        engine.call("rm", "-f", "bench-exec")
    return result


def bench_parallel(engines, count):
    result = {}
    for engine in engines:
        threads = []
        failures = []

        def one(e=engine):
            _, code = spawn(e.cli("run", "--rm", "--network", "none", "gantry/hello", "true"), e.env)
            if code:
                failures.append(code)

        start = time.perf_counter()
        for _ in range(count):
            thread = threading.Thread(target=one)
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()
        if failures:
            sys.exit(f"bench: {engine.name}: {len(failures)} of {count} parallel runs failed: {failures[0]}")
        result[engine.name] = (time.perf_counter() - start) * 1000
    return result


def bench_logs(engines, mebibytes):
    """MiB/s of a container that only writes, until it has ended and its log is on disk."""
    result = {}
    script = f"yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c {mebibytes << 20}"
    for engine in engines:
        start = time.perf_counter()
        engine.call("run", "-d", "--name", "bench-logs", "--network", "none", "bench/busybox", "sh", "-c", script)
        engine.call("wait", "bench-logs")
        result[engine.name] = mebibytes / (time.perf_counter() - start)
        engine.call("rm", "-f", "bench-logs")
    return result


def bench_list(gantry, count):
    """Milliseconds of GET /containers/json?all=1 with `count` created containers."""
    for i in range(count):
        gantry.post("/containers/create", {"Image": "gantry/hello", "Cmd": ["true"], "HostConfig": {"NetworkMode": "none"}})
    times = []
    for _ in range(9):
        start = time.perf_counter()
        answer = gantry.exchange("GET", "/containers/json?all=1")
        times.append((time.perf_counter() - start) * 1000)
    listed = json.loads(answer)
    for container in listed:
        gantry.delete("/containers/" + container["Id"] + "?force=1")
    return len(listed), statistics.median(times)


def import_busybox(engines, work):
    root = os.path.join(work, "busybox")
    os.makedirs(os.path.join(root, "bin"))
    busybox = shutil.which("busybox") or "/bin/busybox"
    shutil.copy(busybox, os.path.join(root, "bin/busybox"))
    for applet in ("sh", "yes", "head"):
        os.link(os.path.join(root, "bin/busybox"), os.path.join(root, "bin", applet))
    archive = os.path.join(work, "busybox.tar")
    subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
    for engine in engines:
        engine.call("import", archive, "bench/busybox:latest")


def table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def comparison_rows(label, values, unit, base):
    rows = []
    for name, value in values.items():
        ratio = "" if name == base else f"{value / values[base]:.2f}x {base}"
        rows.append((label, name, f"{value:.2f} {unit}", ratio))
        label = ""
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--json", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only-gantry", action="store_true", help="leave dockerd and podman out")
    options = parser.parse_args()

    # As on a host that forwards already: otherwise each engine closes the way to what is not its own.
    subprocess.run("ip link set lo up; echo 1 >/proc/sys/net/ipv4/ip_forward", shell=True, check=True)
    work = tempfile.mkdtemp(prefix="gantry-bench.", dir="/tmp")
    engines = []
    try:
        gantry = Gantry(options.build, work)
        engines.append(gantry)
        if not options.only_gantry:
            if Docker.installed():  # with a bridge, as the others have one
                engines.append(Docker(work, network=("--bip=172.30.0.1/16",)))
            if Podman.installed():
                engines.append(Podman(work))
        hello = os.path.join(options.build, "share/gantry/hello.tar")
        for engine in engines[1:]:
            engine.call("load", "-i", hello)
        import_busybox(engines, work)

        idle = {e.name: e.idle_mib() for e in engines if e.idle_mib()}
        run = bench_run(engines, options.build, work, options.rounds)
        bridge = bench_bridge(engines, options.build, work, options.rounds)
        publish = bench_publish(gantry)
        daemons = [e for e in engines if e.process]
        bridge_starts = bench_bridge_starts(daemons)
        names = bench_names(gantry)
        execs = bench_exec(engines, options.rounds)
        parallel = bench_parallel(engines, 50)
        logs = bench_logs(engines, 64)
        shim = gantry.shim_mib()
        listed, list_ms = bench_list(gantry, 1000)
        starts = bench_starts([e for e in engines if e.process], 100)
        verbs = bench_verbs(gantry, options.rounds)
        watching = bench_watching(gantry, 200, 30)
        crowd = bench_crowd(gantry, 500)

        limit = 3 * run["floor"] + 5
        rows = [("what", "who", "median", "ratio")]
        rows += comparison_rows("run --rm, no network", run, "ms", "floor")
        rows.append(("", "limit 3x floor + 5 ms", f"{limit:.2f} ms", "kept" if run["gantry"] <= limit else "MISSED"))
        rows += comparison_rows("run --rm, bridge", bridge, "ms", "floor")
        rows.append(("", "limit 3x floor", f"{3 * bridge['floor']:.2f} ms", "kept" if bridge["gantry"] <= 3 * bridge["floor"] else "MISSED"))
        for what, value in publish.items():
            rows.append((f"start, published: {what}", "gantry", f"{value:.2f} ms", f"{value - publish['none']:.2f} ms for the ports"))
        rows += comparison_rows("100 starts on one bridge", bridge_starts, "ms", "gantry")
        rows.append(("gantry-dns, 64 questions at once", "gantry", f"{names['many']['per_second']:.0f} answers/s",
                     f"{names['many']['per_cpu_second']:.0f} per second of a core"))
        rows.append(("gantry-dns, one after the other", "gantry", f"{names['one']['p50_ms']:.3f} ms", f"p99 {names['one']['p99_ms']:.3f} ms"))
        rows += comparison_rows("exec true", execs, "ms", "gantry")
        rows += comparison_rows("50 runs in parallel", parallel, "ms", "gantry")
        rows += comparison_rows("log throughput", logs, "MiB/s", "gantry")
        rows += comparison_rows("daemon idle", idle, "MiB", "gantry")
        rows.append(("shim per container", "gantry", f"{shim:.2f} MiB PSS", ""))
        rows.append((f"list {listed} containers", "gantry", f"{list_ms:.2f} ms", ""))
        rows += comparison_rows("100 starts in parallel", starts, "ms", "gantry")
        for verb, value in verbs.items():
            rows.append((f"{verb} of one container", "gantry", f"{value:.2f} ms", ""))
        rows.append(("200 containers with health checks", "gantry", f"{watching['alone_percent']:.2f} % of a core", ""))
        rows.append(("  and their stats every second", "gantry", f"{watching['watched_percent']:.2f} % of a core", ""))
        rows.append((f"{crowd['running']} containers running", "gantry", f"{crowd['shim_pss_mib']:.2f} MiB PSS",
                     f"a shim; daemon {crowd['daemon_before_mib']:.1f} -> {crowd['daemon_rss_mib']:.1f} MiB RSS, "
                     f"all started in {crowd['start_s']:.2f} s"))
        rows.append(("daemon ready, empty store", "gantry", f"{gantry.ready_ms:.1f} ms", ""))
        table(rows)
        with open(options.json, "w") as out:
            json.dump({"run_ms": run, "run_bridge_ms": bridge, "publish_ms": publish, "bridge_starts_100_ms": bridge_starts, "names": names, "exec_ms": execs, "parallel_50_ms": parallel, "logs_mib_s": logs, "idle_mib": idle,
                       "shim_pss_mib": shim, "list_1000_ms": list_ms,
                       "starts_100_ms": starts, "verbs_ms": verbs, "watching_200": watching, "crowd_500": crowd, "ready_ms": gantry.ready_ms}, out, indent=2)
            out.write("\n")
    finally:
        for engine in engines:
            engine.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
