#!/usr/bin/env python3
"""Measures what one TCP connection carries from and to containers of Gantry and, where installed, of dockerd. Run through
`./dev bench`.

GiB/s with its ends where the scheduler puts them, and with both on one processor. The latter is what a byte costs: which end
sleeps when, and where it wakes up, makes some 10 % of difference between two rounds of the same engine, and none of it is left.

Every engine has a machine of its own, a network namespace, with a cable to another one. Medians of interleaved rounds; a ratio is
the median of the rounds' ratios, and beside it the range that it has with a probability of 95 % (bootstrap).
"""
import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from engines import Docker, Gantry  # noqa: E402

STREAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stream.py")


class Machine:
    """A network namespace that lives as long as its process."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "-n", "sh", "-c", "ip link set lo up; echo ready; exec sleep 100000"],
                                        stdout=subprocess.PIPE)
        self.process.stdout.readline()
        self.pid = self.process.pid
        self.enter = ("nsenter", "-t", str(self.pid), "-n")

    def shell(self, script):
        subprocess.run([*self.enter, "sh", "-ec", script], check=True)

    def close(self):
        self.process.kill()
        self.process.wait()


def connect(host, other):
    """A cable: 192.0.2.1 and 192.0.2.2. The host forwards, as one does that has containers."""
    host.shell(f"echo 1 >/proc/sys/net/ipv4/ip_forward; ip link add cable type veth peer name eth0 netns {other.pid}; "
               "ip address add 192.0.2.1/24 dev cable; ip link set cable up")
    other.shell("ip address add 192.0.2.2/24 dev eth0; ip link set eth0 up; ip route add default via 192.0.2.1")


def stream(receiver, sender, seconds, prefix=()):
    """GiB/s; receiver: (pid, listening address, port), sender: (pid, address)."""
    pid, listen, port = receiver

    def end(where, *argv):
        command = [*prefix, "nsenter", "-t", str(where), "-n", sys.executable, STREAM, *map(str, argv)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    sink = end(pid, "receive", listen, port)
    sink.stdout.readline()
    source = end(sender[0], "send", sender[1], port, seconds)
    source.communicate()
    return float(sink.communicate()[0]) / (1 << 30)


class Place:
    """An engine on its machine, with two containers, and another machine."""

    def __init__(self, kind, build, work):
        self.host, self.other = Machine(), Machine()
        connect(self.host, self.other)
        self.engine = Gantry(build, work, self.host.enter) if kind is Gantry else Docker(work, self.host.enter, ())
        if kind is not Gantry:
            self.engine.call("load", "-i", os.path.join(build, "share/gantry/hello.tar"))
        self.engine.call("run", "-d", "--name", "one", "-p", "5001:5001", "gantry/hello", "sleep", "100000")
        self.engine.call("run", "-d", "--name", "two", "gantry/hello", "sleep", "100000")
        self.a, self.b = (self.engine.get(f"/containers/{name}/json") for name in ("one", "two"))

    def ways(self):
        a, b = self.a["State"]["Pid"], self.b["State"]["Pid"]
        network = self.a["NetworkSettings"]["Networks"]["bridge"]
        gateway, address = network["Gateway"], network["IPAddress"]
        return {
            "container to host": ((self.host.pid, gateway, 6001), (a, gateway)),
            "host to container": ((a, "0.0.0.0", 6001), (self.host.pid, address)),
            "container to container": ((a, "0.0.0.0", 6001), (b, address)),
            "container to another host": ((self.other.pid, "0.0.0.0", 6001), (a, "192.0.2.2")),
            "published, from another host": ((a, "0.0.0.0", 5001), (self.other.pid, "192.0.2.1")),
            "published, from the loopback": ((a, "0.0.0.0", 5001), (self.host.pid, "127.0.0.1")),
            "published, from a container": ((a, "0.0.0.0", 5001), (b, "192.0.2.1")),
        }

    def close(self):
        self.engine.call("rm", "-f", "one", "two")
        self.engine.close()
        for machine in (self.host, self.other):
            machine.close()


PLACEMENTS = {"free": (), "one processor": ("taskset", "-c", str(max(os.sched_getaffinity(0))))}


def measure(places, rounds, seconds):
    """{way: {placement: {engine: [GiB/s of each round]}}}"""
    found = {}
    for number in range(rounds + 1):
        for way in places[0].ways():
            for placement, prefix in PLACEMENTS.items():
                for place in random.sample(places, len(places)):
                    rate = stream(*place.ways()[way], seconds, prefix)
                    if number:  # the first round warms up
                        found.setdefault(way, {}).setdefault(placement, {}).setdefault(place.engine.name, []).append(rate)
    return found


def ratio(ours, theirs):
    """Its median and the ends of its range."""
    rounds = [a / b for a, b in zip(ours, theirs)]
    draws = sorted(statistics.median(random.choices(rounds, k=len(rounds))) for _ in range(1000))
    return statistics.median(rounds), draws[25], draws[974]


def show(found):
    print(f"{'one TCP connection, GiB/s':<30} {'ends':<14} {'gantry':>7} {'dockerd':>8}  ratio")
    for way, placements in found.items():
        for placement, engines in placements.items():
            line = f"{way:<30} {placement:<14} {statistics.median(engines['gantry']):>7.2f}"
            if "dockerd" in engines:
                line += f" {statistics.median(engines['dockerd']):>8.2f}"
                line += "  {:.3f} ({:.2f}-{:.2f})".format(*ratio(engines["gantry"], engines["dockerd"]))
            print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--json", help="a file for the figures")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="gantry-bench.", dir="/tmp")
    places = []
    try:
        for kind in [Gantry] + ([Docker] if Docker.installed() else []):
            places.append(Place(kind, options.build, work))
        found = measure(places, options.rounds, options.seconds)
        show(found)
        if options.json:
            with open(options.json, "w") as out:
                json.dump(found, out, indent=2)
    finally:
        for place in places:
            place.close()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
