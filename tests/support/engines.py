"""Engines with private roots, for the programs that compare them (bench, differential): who starts one ends it."""
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time


def pss_mib(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            for line in rollup:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def rss_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:")), 0.0)


def descendants(pid):
    found = [pid]
    for parent in found:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{task}/children") as children:
                    found += [int(child) for child in children.read().split()]
        except OSError:
            continue
    return found


class UnixHttp(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


def run_directory(root):
    """A tmpfs for an engine's run-time files, as /run is on a real machine. Gone with the bench's mount namespace."""
    path = os.path.join(root, "x")
    os.makedirs(path)
    subprocess.run(["mount", "-t", "tmpfs", "bench", path], check=True)
    return path


class Engine:
    """A daemon with a CLI. `env` is what the CLI needs."""

    process = None
    env = None
    host = ()  # what starts its daemon on another machine: "nsenter" with its arguments

    def cli(self, *args):
        return [self.client, *args]

    def call(self, *args):
        done = subprocess.run(self.cli(*args), env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"bench: {self.name} {' '.join(args)}: exit code {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def start_daemon(self, argv, log):
        start = time.perf_counter()
        with open(log, "w") as out:
            self.process = subprocess.Popen([*self.host, *argv], stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        while time.perf_counter() - start < 30:
            if self.process.poll() is not None:
                sys.exit(f"bench: {argv[0]} ended: " + open(log).read()[-2000:])
            try:
                self.get("/_ping")
                self.ready_ms = (time.perf_counter() - start) * 1000
                return
            except OSError:
                time.sleep(0.001)
        sys.exit(f"bench: {argv[0]} was not ready after 30 s")

    def exchange(self, method, path, body=None):
        connection = UnixHttp(self.socket)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        if response.status >= 300:
            sys.exit(f"bench: {method} {path}: {response.status} {data!r}")
        return data

    def request(self, method, path, body=None):
        data = self.exchange(method, path, body)
        return json.loads(data) if data.startswith((b"{", b"[")) else data

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body):
        return self.request("POST", path, body)

    def delete(self, path):
        return self.request("DELETE", path)

    def idle_mib(self):
        return sum(pss_mib(pid) for pid in descendants(self.process.pid)) if self.process else 0.0

    def close(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        subprocess.run(["umount", "-l", os.path.join(self.root, "x")], capture_output=True)


class Gantry(Engine):
    name = "gantry"

    def __init__(self, build, work, host=()):
        self.host = host
        root = self.root = os.path.join(work, "g")
        os.makedirs(root)
        self.socket = os.path.join(root, "s")
        self.client = os.path.join(build, "bin/gantry")
        self.env = {**os.environ, "GANTRY_HOST": "unix://" + self.socket}
        self.start_daemon([os.path.join(build, "bin/gantryd"), "-H", "unix://" + self.socket, "--data-root", root + "/data",
                           "--exec-root", run_directory(root), "--pidfile", root + "/pid"], root + "/log")

    def shim_mib(self):
        """PSS of one container's shim."""
        name = self.call("run", "-d", "--network", "none", "gantry/hello", "sleep", "1000").strip()
        pid = int(self.call("inspect", "--format", "{{.State.Pid}}", name))
        with open(f"/proc/{pid}/stat") as stat:
            shim = int(stat.read().rsplit(")", 1)[1].split()[1])
        mib = pss_mib(shim)
        self.call("rm", "-f", name)
        return mib


class Docker(Engine):
    name = "dockerd"

    @staticmethod
    def installed():
        return shutil.which("dockerd") and shutil.which("docker")

    def __init__(self, work, host=(), network=("--bridge", "none", "--iptables=false")):
        self.host = host
        root = self.root = os.path.join(work, "d")
        os.makedirs(root)
        self.socket = os.path.join(root, "s")
        self.client = shutil.which("docker")
        self.env = {**os.environ, "DOCKER_HOST": "unix://" + self.socket}
        self.start_daemon([shutil.which("dockerd"), "-H", "unix://" + self.socket, "--data-root", root + "/data", "--exec-root",
                           run_directory(root), "--pidfile", root + "/pid", *network], root + "/log")


class Podman(Engine):
    name = "podman"

    @staticmethod
    def installed():
        return shutil.which("podman")

    def __init__(self, work):
        root = os.path.join(work, "p")
        os.makedirs(root)
        self.client = shutil.which("podman")
        self.root = root
        self.run = run_directory(root)
        self.env = dict(os.environ)

    def cli(self, *args):
        if args[0] == "run":  # its default limits need CAP_SYS_RESOURCE, which not every machine gives
            args = ("run", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000", *args[1:])
        # crun refuses cgroups in hybrid mode.
        runtime = ["--runtime", "runc"] if shutil.which("runc") else []
        return [self.client, *runtime, "--root", self.root + "/data", "--runroot", self.run, "--cgroup-manager", "cgroupfs",
                "--log-level", "error", *args]

    def close(self):
        subprocess.run(self.cli("rm", "-fa"), capture_output=True)
        subprocess.run(["umount", "-R", self.root + "/data/overlay"], capture_output=True)
        subprocess.run(["umount", "-l", self.run], capture_output=True)
