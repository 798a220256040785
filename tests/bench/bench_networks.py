"""Measures of networks: throughput, many containers on one bridge, names."""
import os
import statistics
import subprocess
import sys

from crowds import in_threads, make

TRAFFIC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "traffic.py")


def within(pid, *argv):
    """argv in the network namespace of a process; 0: in that of the bench."""
    enter = ["nsenter", "-t", str(pid), "-n"] if pid else []
    return [*enter, sys.executable, TRAFFIC, *map(str, argv)]


def stream(receiver, sender, seconds=1.0):
    """GiB/s of one TCP connection; receiver: (pid, listening address, port), sender: (pid, address)."""
    pid, listen, port = receiver
    sink = subprocess.Popen(within(pid, "receive", listen, port), stdout=subprocess.PIPE, text=True)
    sink.stdout.readline()
    subprocess.run(within(sender[0], "send", sender[1], port, seconds), check=True)
    rate = float(sink.stdout.read())
    sink.wait()
    return rate / (1 << 30)


class Cable:
    """Another host, at 192.0.2.2; the bench's namespace has 192.0.2.1."""

    def __enter__(self):
        self.process = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo ready; exec sleep 1000"], stdout=subprocess.PIPE)
        self.process.stdout.readline()
        self.pid = self.process.pid
        subprocess.run(f"ip link add cable type veth peer name eth0 netns {self.pid} && ip address add 192.0.2.1/24 dev cable && "
                       f"ip link set cable up && nsenter -t {self.pid} -n sh -c 'ip link set lo up; "
                       "ip address add 192.0.2.2/24 dev eth0; ip link set eth0 up; ip route add default via 192.0.2.1'",
                       shell=True, check=True)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        subprocess.run(["ip", "link", "delete", "cable"], check=True)


def bench_throughput(engines, rounds=3):
    """{what: {engine: GiB/s}}, medians of interleaved rounds."""
    rates = {}
    with Cable() as other:
        places = {}
        for number, engine in enumerate(engines):
            port = 5001 + number
            engine.call("run", "-d", "--name", "flow-a", "-p", f"{port}:{port}", "gantry/hello", "sleep", "1000")
            engine.call("run", "-d", "--name", "flow-b", "gantry/hello", "sleep", "1000")
            a, b = (engine.get(f"/containers/flow-{x}/json") for x in "ab")
            places[engine.name] = (port, a, b)
        for _ in range(rounds):
            for name, (port, a, b) in places.items():
                pid_a, pid_b = a["State"]["Pid"], b["State"]["Pid"]
                network = a["NetworkSettings"]["Networks"]["bridge"]
                address, gateway = network["IPAddress"], network["Gateway"]
                for what, receiver, sender in (
                        ("container to host", (0, gateway, port + 100), (pid_a, gateway)),
                        ("container to container", (pid_a, "0.0.0.0", port + 100), (pid_b, address)),
                        ("published, from another host", (pid_a, "0.0.0.0", port), (other.pid, "192.0.2.1")),
                        ("published, from the loopback", (pid_a, "0.0.0.0", port), (0, "127.0.0.1"))):
                    rates.setdefault(what, {}).setdefault(name, []).append(stream(receiver, sender))
        for engine in engines:
            engine.call("rm", "-f", "flow-a", "flow-b")
    return {what: {name: statistics.median(values) for name, values in of.items()} for what, of in rates.items()}


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
