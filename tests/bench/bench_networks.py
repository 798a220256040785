"""Measures of networks: many containers on one bridge, names."""
import os
import subprocess
import sys

from crowds import in_threads, make

TRAFFIC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "traffic.py")


def within(pid, *argv):
    """argv in the network namespace of a process; 0: in that of the bench."""
    enter = ["nsenter", "-t", str(pid), "-n"] if pid else []
    return [*enter, sys.executable, TRAFFIC, *map(str, argv)]


def bench_bridge_starts(engines, count=100):
    """Milliseconds to start so many containers on one bridge in parallel."""
    result = {}
    for engine in engines:
        make(engine, "lan", count, host={"NetworkMode": "bridge"})
        result[engine.name] = in_threads(count, lambda r, i: r.ask("POST", f"/containers/lan{i}/start"), engine) * 1000
        in_threads(count, lambda r, i: r.ask("DELETE", f"/containers/lan{i}?force=1"), engine)
    return result


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def dns_server():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm") as comm:
                if comm.read() == "gantry-dns\n" and os.readlink(f"/proc/{pid}/ns/mnt") == os.readlink("/proc/self/ns/mnt"):
                    return int(pid)
        except OSError:
            continue
    sys.exit("bench: no gantry-dns")


def bench_names(gantry, seconds=3):
    """Answers of gantry-dns: per second, per second of its own processor time, and how long one takes that is asked alone."""
    gantry.call("network", "create", "names")
    for name in ("db", "app"):
        gantry.call("run", "-d", "--name", name, "--network", "names", "gantry/hello", "sleep", "1000")
    pid, server = gantry.get("/containers/app/json")["State"]["Pid"], dns_server()

    def ask(outstanding):
        before = cpu_seconds(server)
        out = subprocess.run(within(pid, "ask", "127.0.0.11", "db", seconds, outstanding), stdout=subprocess.PIPE, check=True, text=True)
        rate, half, most = map(float, out.stdout.split())
        return {"per_second": rate, "per_cpu_second": rate * seconds / (cpu_seconds(server) - before), "p50_ms": half, "p99_ms": most}

    result = {"many": ask(64), "one": ask(1)}
    gantry.call("rm", "-f", "db", "app")
    gantry.call("network", "rm", "names")
    return result
