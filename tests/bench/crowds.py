"""Measures of many containers at once, over the API: starts in parallel, what 500 cost, what watching 200 costs."""
import json
import os
import select
import socket
import statistics
import threading
import time

from engines import UnixHttp, pss_mib, rss_mib

TICK = os.sysconf("SC_CLK_TCK")


class Requests:
    """Requests over one kept connection."""

    def __init__(self, engine):
        self.connection = UnixHttp(engine.socket)

    def ask(self, method, path, body=None):
        """Status and body; milliseconds are in `took`."""
        start = time.perf_counter()
        data = json.dumps(body) if body is not None else None
        self.connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
        response = self.connection.getresponse()
        content = response.read()
        self.took = (time.perf_counter() - start) * 1000
        if response.status >= 300:
            raise SystemExit(f"bench: {method} {path}: {response.status} {content!r}")
        return content

    def create(self, name, host=None, **config):
        body = {"Image": "gantry/hello", "Cmd": ["sleep", "100000"], **config, "HostConfig": {"NetworkMode": "none", **(host or {})}}
        return json.loads(self.ask("POST", "/containers/create?name=" + name, body))["Id"]


def in_threads(count, work, engine):
    """Calls work(requests, i) for i below `count` from 16 threads with a connection each; seconds that it took."""
    numbers, failures = iter(range(count)), []
    lock = threading.Lock()

    def loop():
        requests = Requests(engine)
        while True:
            with lock:
                i = next(numbers, None)
            if i is None or failures:
                return
            try:
                work(requests, i)
            except BaseException as problem:  # told below
                failures.append(problem)

    threads = [threading.Thread(target=loop) for _ in range(16)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"bench: {engine.name}: {failures[0]}")
    return time.perf_counter() - start


def make(engine, prefix, count, **options):
    in_threads(count, lambda r, i: r.create(f"{prefix}{i}", **options), engine)


def start(engine, prefix, count):
    return in_threads(count, lambda r, i: r.ask("POST", f"/containers/{prefix}{i}/start"), engine)


def remove(engine, prefix, count):
    in_threads(count, lambda r, i: r.ask("DELETE", f"/containers/{prefix}{i}?force=1"), engine)


def bench_starts(engines, count):
    """Milliseconds until `count` created containers have all been started, asked for in parallel."""
    result = {}
    for engine in engines:
        make(engine, "many", count)
        result[engine.name] = start(engine, "many", count) * 1000
        remove(engine, "many", count)
    return result


def bench_verbs(gantry, rounds):
    """Median milliseconds of what is done to one running container."""
    requests, times = Requests(gantry), {"pause": [], "unpause": [], "kill": [], "stats": []}
    for i in range(rounds):
        name = f"verbs{i}"
        requests.create(name)
        requests.ask("POST", f"/containers/{name}/start")
        for verb in ("pause", "unpause"):
            requests.ask("POST", f"/containers/{name}/{verb}")
            times[verb].append(requests.took)
        requests.ask("GET", f"/containers/{name}/stats?stream=0&one-shot=1")
        times["stats"].append(requests.took)
        requests.ask("POST", f"/containers/{name}/kill")
        times["kill"].append(requests.took)
        requests.ask("DELETE", f"/containers/{name}")
    return {verb: statistics.median(values) for verb, values in times.items()}


def bench_crowd(gantry, count):
    """What `count` running containers cost: MiB per shim, the daemon's RSS before and with them, seconds of starting."""
    before = rss_mib(gantry.process.pid)
    make(gantry, "crowd", count)
    took = start(gantry, "crowd", count)
    running = json.loads(Requests(gantry).ask("GET", "/containers/json"))
    shims = [pss_mib(pid) for pid in shims_of(gantry, "crowd", count)]
    result = {"running": len(running), "shim_pss_mib": sum(shims) / len(shims), "daemon_before_mib": before,
              "daemon_rss_mib": rss_mib(gantry.process.pid), "start_s": took}
    remove(gantry, "crowd", count)
    return result


def shims_of(gantry, prefix, count):
    requests = Requests(gantry)
    for i in range(count):
        pid = json.loads(requests.ask("GET", f"/containers/{prefix}{i}/json"))["State"]["Pid"]
        with open(f"/proc/{pid}/stat") as stat:
            yield int(stat.read().rsplit(")", 1)[1].split()[1])


def cpu_seconds(pids):
    """User and system time of the processes and of their ended children."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            total += sum(int(fields[i]) for i in (11, 12, 13, 14))
        except OSError:
            continue
    return total / TICK


def open_stream(engine, path):
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.connect(engine.socket)
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
    return stream


def drain(streams, seconds):
    """Reads what comes, as `docker stats` would; how many bytes."""
    poll, got, end = select.epoll(), 0, time.monotonic() + seconds
    by_fd = {s.fileno(): s for s in streams}
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    while time.monotonic() < end:
        for fd, _ in poll.poll(max(0, end - time.monotonic())):
            got += len(by_fd[fd].recv(1 << 16))
    return got


def bench_watching(gantry, count, seconds):
    """Share of one core that the daemon and its shims use while `count` containers run with a health check every 30 s and
    somebody follows the stats of each; and without the watcher. `seconds`: a multiple of the interval, so that each container's
    checks count."""
    check = {"Test": ["CMD", "/hello", "true"], "Interval": 30 * 10**9}
    make(gantry, "watched", count, Healthcheck=check)
    start(gantry, "watched", count)
    pids = [gantry.process.pid, *shims_of(gantry, "watched", count)]

    def share(streams):
        drain(streams, 2)  # the first samples
        before = cpu_seconds(pids)
        drain(streams, seconds)
        return (cpu_seconds(pids) - before) / seconds * 100

    alone = share([])
    streams = [open_stream(gantry, f"/containers/watched{i}/stats") for i in range(count)]
    watched = share(streams)
    for stream in streams:
        stream.close()
    remove(gantry, "watched", count)
    return {"alone_percent": alone, "watched_percent": watched}
