"""docker-py against gantryd: what its users do. DOCKER_HOST is the daemon; "busybox" is an image there."""
import io
import os
import socket
import tarfile
import tempfile
import threading
import time
import unittest
import urllib.request

import docker
from docker.errors import APIError, BuildError, ContainerError, ImageNotFound, NotFound
from docker.types import Healthcheck, IPAMConfig, IPAMPool, LogConfig, Mount, Ulimit

SERVE = "mkdir -p /w; echo {0} >/w/index.html; echo serving; exec httpd -f -h /w -p 80"


def eventually(condition, what):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("never: " + what)


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def tar_of(files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return data.getvalue()


class Client(unittest.TestCase):
    def setUp(self):
        self.client = docker.from_env(version="auto", timeout=30)
        self.addCleanup(self.client.close)

    def run_idle(self, command="sleep 1000", **options):
        container = self.client.containers.run("busybox", ["sh", "-c", command], detach=True, **options)
        self.addCleanup(self.remove, container)
        return container

    @staticmethod
    def remove(container):
        try:
            container.remove(force=True, v=True)
        except NotFound:
            pass  # the test was about its end

    def out(self, container, command):
        return container.exec_run(["sh", "-c", command]).output.decode()

    def refused(self, status, call, *args, **options):
        with self.assertRaises(APIError) as caught:
            call(*args, **options)
        self.assertEqual(caught.exception.response.status_code, status, caught.exception)

    def test_networks_and_aliases(self):
        ipam = IPAMConfig(pool_configs=[IPAMPool(subnet="10.8.0.0/24", gateway="10.8.0.254")])
        lan = self.client.networks.create("lan", driver="bridge", ipam=ipam, labels={"a": "b"}, check_duplicate=True)
        self.addCleanup(lan.remove)
        db = self.run_idle(SERVE.format("db"), name="db")
        lan.connect(db, aliases=["store"], ipv4_address="10.8.0.77")
        app = self.run_idle(network="lan")
        for name in ("db", "store", db.id[:12]):
            eventually(lambda: self.out(app, f"wget -q -O - http://{name}") == "db\n", name)
        db.reload()
        self.assertEqual(db.attrs["NetworkSettings"]["Networks"]["lan"]["IPAddress"], "10.8.0.77")
        lan.reload()
        self.assertEqual({c.name for c in lan.containers}, {"db", app.name})
        self.refused(403, lan.remove)
        lan.disconnect(db)
        self.assertEqual(self.out(app, "wget -q -O - http://db 2>/dev/null"), "")
        lan.disconnect(app, force=True)
        self.assertEqual([n.name for n in self.client.networks.list(filters={"label": "a=b"})], ["lan"])
        with self.assertRaises(NotFound):
            self.client.networks.get("nosuch")

    def test_ports(self):
        web = self.run_idle(SERVE.format("web"), ports={"80/tcp": None, "81/tcp": ("127.0.0.1", 28081), "82/udp": [28082, 28083]})
        web.reload()
        port = web.ports["80/tcp"][0]["HostPort"]
        eventually(lambda: fetch(f"http://127.0.0.1:{port}") == "web\n", "the published port")
        self.assertEqual(web.ports["81/tcp"], [{"HostIp": "127.0.0.1", "HostPort": "28081"}])
        self.assertEqual({p["HostPort"] for p in web.ports["82/udp"]}, {"28082", "28083"})
        self.assertEqual(self.client.api.port(web.id, 80)[0]["HostPort"], port)

    def test_run_and_its_errors(self):
        self.assertEqual(self.client.containers.run("busybox", "echo hello", remove=True), b"hello\n")
        with self.assertRaises(ContainerError) as caught:
            self.client.containers.run("busybox", ["sh", "-c", "echo why >&2; exit 3"], remove=True, stderr=True)
        self.assertEqual((caught.exception.exit_status, caught.exception.stderr), (3, b"why\n"))
        self.refused(404, self.client.containers.create, "nosuch:image", "true")
        self.run_idle(name="taken")
        self.refused(409, self.client.containers.create, "busybox", "true", name="taken")
        lines = self.client.containers.run("busybox", ["sh", "-c", "echo a; echo b"], stream=True, remove=True)
        self.assertEqual(b"".join(lines), b"a\nb\n")

    def test_exec(self):
        box = self.run_idle(environment={"A": "b"}, working_dir="/tmp")
        result = box.exec_run(["sh", "-c", "echo $A $C; echo err >&2; exit 7"], demux=True, environment={"C": "d"})
        self.assertEqual((result.exit_code, result.output), (7, (b"b d\n", b"err\n")))
        self.assertEqual(b"".join(box.exec_run("seq 3", stream=True).output), b"1\n2\n3\n")
        self.assertEqual(box.exec_run("tty", tty=True).output, b"/dev/pts/0\r\n")
        ident = self.client.api.exec_create(box.id, "cat", stdin=True)["Id"]
        sock = self.client.api.exec_start(ident, socket=True)
        sock._sock.sendall(b"typed\n")
        self.assertEqual(sock.read(8 + 6)[8:], b"typed\n")
        sock._sock.shutdown(socket.SHUT_WR)
        self.assertEqual(sock.read(1), b"")
        eventually(lambda: not self.client.api.exec_inspect(ident)["Running"], "the end of cat")

    def read_all(self, sock):
        """What comes until the other side closes, which it does within five seconds."""
        sock._sock.settimeout(5)
        pieces = []
        while piece := sock._sock.recv(4096):
            pieces.append(piece)
        return b"".join(pieces)

    def exec_socket(self, box, command, tty=True, start_tty=None, **options):
        ident = self.client.api.exec_create(box.id, command, tty=tty, **options)["Id"]
        return ident, self.client.api.exec_start(ident, socket=True, tty=tty if start_tty is None else start_tty)

    def test_exec_on_a_terminal(self):
        box = self.run_idle()
        # Who says nothing of the terminal when it starts the exec reads frames.
        ident = self.client.api.exec_create(box.id, "echo framed", tty=True)["Id"]
        self.assertEqual(self.client.api.exec_start(ident), b"framed\r\n")
        _, sock = self.exec_socket(box, "echo raw", tty=False, start_tty=True)
        self.assertEqual(self.read_all(sock), b"raw\n")
        # A size that comes at once, and one before the start.
        ident, sock = self.exec_socket(box, ["sh", "-c", "sleep 0.3; stty size"])
        self.client.api.exec_resize(ident, height=33, width=44)
        self.assertEqual(self.read_all(sock), b"33 44\r\n")
        # Keys that docker-py names in lower case.
        ident, sock = self.exec_socket(box, "cat", stdin=True, detach_keys="ctrl-a,b")
        sock._sock.sendall(b"\x01b")
        self.assertEqual(self.read_all(sock), b"")
        self.assertTrue(self.client.api.exec_inspect(ident)["Running"])

    def test_exec_runs_when_it_speaks(self):
        box = self.run_idle()
        for _ in range(5):
            ident, sock = self.exec_socket(box, ["sh", "-c", "echo x; exec cat"], tty=False, stdin=True)
            sock._sock.recv(10)
            self.assertTrue(self.client.api.exec_inspect(ident)["Running"])
            sock._sock.shutdown(socket.SHUT_WR)
            self.read_all(sock)

    def test_attach_ends_with_its_stdin_where_others_may_come(self):
        for tty in (False, True):
            box = self.client.containers.run("busybox", "cat", stdin_open=True, tty=tty, detach=True)
            self.addCleanup(self.remove, box)
            sock = box.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
            sock._sock.shutdown(socket.SHUT_WR)
            self.assertEqual(self.read_all(sock), b"")
            box.reload()
            self.assertEqual(box.status, "running")

    def test_ports_named_twice_over(self):
        # docker-py makes "80/tcp/tcp" of it.
        box = self.client.api.create_container("busybox", "sleep 1000", ports=["80/tcp"])
        self.addCleanup(lambda: self.client.api.remove_container(box["Id"], force=True))
        self.client.api.start(box["Id"])
        self.assertEqual(self.client.api.inspect_container(box["Id"])["NetworkSettings"]["Ports"], {"80/tcp": None})

    def test_refusals(self):
        create = self.client.api.create_container
        for options in ({"Dns": ["x"]}, {"Annotations": {"": "x"}}, {"PortBindings": {"x/tcp": []}}, {"Binds": ["x"]}):
            self.refused(400, create, "busybox", "true", host_config=options)
        self.assertEqual(self.client.containers.list(filters={"isolation": "default"}), [])

    def test_attach(self):
        box = self.client.containers.create("busybox", "cat", stdin_open=True)
        self.addCleanup(lambda: box.remove(force=True))
        sock = box.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
        box.start()
        sock._sock.sendall(b"typed\n")
        self.assertEqual(sock.read(8 + 6)[8:], b"typed\n")
        sock.close()
        talk = self.client.containers.create("busybox", ["sh", "-c", "echo one; sleep 0.1; echo two"])
        self.addCleanup(lambda: talk.remove(force=True))
        stream = talk.attach(stream=True, logs=True)
        talk.start()
        self.assertEqual(b"".join(stream), b"one\ntwo\n")

    def test_logs(self):
        box = self.run_idle("echo one; echo two >&2; sleep 0.2; echo three", log_config=LogConfig(type="json-file", config={"max-size": "1m"}))
        self.assertEqual(b"".join(box.logs(stream=True, follow=True)), b"one\ntwo\nthree\n")
        self.assertEqual(box.logs(stdout=True, stderr=False), b"one\nthree\n")
        self.assertRegex(box.logs(tail=1, timestamps=True).decode(), r"^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$")
        self.assertEqual(box.logs(since=int(time.time()) + 100), b"")

    def test_health(self):
        check = Healthcheck(test=["CMD", "test", "-e", "/ready"], interval=50_000_000, retries=1)
        box = self.run_idle(healthcheck=check)
        for command, state in (("true", "unhealthy"), ("touch /ready", "healthy")):
            self.out(box, command)
            eventually(lambda: self.client.api.inspect_container(box.id)["State"]["Health"]["Status"] == state, state)

    def test_wait_and_states(self):
        box = self.run_idle()
        result = {}
        waiter = threading.Thread(target=lambda: result.update(box.wait()))
        waiter.start()
        box.pause()
        box.reload()
        self.assertEqual(box.status, "paused")
        box.unpause()
        box.kill("SIGKILL")
        waiter.join(20)
        self.assertEqual(result["StatusCode"], 137)
        self.refused(409, box.kill)
        box.restart(timeout=0)
        box.rename("other")
        self.assertEqual([c.name for c in self.client.containers.list(filters={"name": "other"})], ["other"])
        self.assertEqual(len(box.top()["Processes"]), 1)
        stats = box.stats(stream=False)
        self.assertGreater(stats["memory_stats"]["usage"], 0)
        self.assertIn("rx_bytes", next(box.stats(decode=True))["networks"]["eth0"])
        box.update(mem_limit="64m", memswap_limit="64m")
        box.stop(timeout=0)

    def test_files(self):
        box = self.run_idle()
        self.assertTrue(box.put_archive("/tmp", tar_of({"dir/file": "content"})))
        self.assertEqual(self.out(box, "cat /tmp/dir/file"), "content")
        bits, stat = box.get_archive("/tmp/dir/file")
        self.assertEqual((stat["name"], stat["size"]), ("file", 7))
        with tarfile.open(fileobj=io.BytesIO(b"".join(bits))) as archive:
            self.assertEqual(archive.extractfile("file").read(), b"content")
        self.assertIn({"Path": "/tmp/dir/file", "Kind": 1}, box.diff())
        with self.assertRaises(NotFound):
            box.get_archive("/nosuch")
        self.assertGreater(len(b"".join(box.export())), 100_000)

    def test_images(self):
        with tempfile.TemporaryDirectory() as context:
            with open(os.path.join(context, "Dockerfile"), "w") as file:
                file.write("FROM busybox\nARG WHO\nCOPY word /\nRUN echo $WHO >>/word\nCMD cat /word\n")
            with open(os.path.join(context, "word"), "w") as file:
                file.write("hello ")
            image, log = self.client.images.build(path=context, tag="made:one", buildargs={"WHO": "world"}, rm=True)
            self.assertTrue(any("Step 4/5" in line.get("stream", "") for line in log))
        self.assertEqual(self.client.containers.run("made:one", remove=True), b"hello world\n")
        with self.assertRaises(BuildError):
            self.client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN exit 3\n"))
        box = self.run_idle("echo more >/more; sleep 1000")
        eventually(lambda: self.out(box, "cat /more") == "more\n", "the file")
        made = box.commit("made", "two", changes="ENV A=b")
        self.assertIn("A=b", made.attrs["Config"]["Env"])
        self.assertTrue(image.tag("other", "name"))
        saved = b"".join(self.client.images.get("other:name").save(named="other:name"))
        self.client.images.remove("other:name")
        with self.assertRaises(ImageNotFound):
            self.client.images.get("other:name")
        self.assertIn("other:name", self.client.images.load(saved)[0].tags)
        self.assertGreater(len(self.client.images.get("other:name").history()), 1)
        self.assertIn("other:name", [tag for i in self.client.images.list(name="other") for tag in i.tags])
        for name in ("other:name", "made:two", "made:one"):
            self.client.images.remove(name, force=True)

    def test_volumes(self):
        volume = self.client.volumes.create("data", labels={"a": "b"})
        box = self.run_idle("echo kept >/data/file", volumes={"data": {"bind": "/data", "mode": "rw"}})
        box.wait()
        mount = Mount("/there", "data", type="volume", read_only=True)
        self.assertEqual(self.client.containers.run("busybox", "cat /there/file", mounts=[mount], remove=True), b"kept\n")
        self.refused(409, volume.remove)
        self.assertEqual([v.name for v in self.client.volumes.list(filters={"label": "a=b"})], ["data"])
        box.remove(v=True)
        volume.remove()
        with self.assertRaises(NotFound):
            self.client.volumes.get("data")

    def test_events(self):
        since = time.time()
        self.client.containers.run("busybox", "true", name="seen", remove=True)
        eventually(lambda: not self.client.containers.list(all=True, filters={"name": "seen"}), "its end")
        events = self.client.events(since=since, until=time.time(), filters={"container": "seen"}, decode=True)
        actions = [event["Action"] for event in events]
        self.assertEqual([a for a in actions if a in ("create", "start", "die", "destroy")], ["create", "start", "die", "destroy"])
        self.client.volumes.create("once")
        self.client.volumes.create("once").remove()
        volumes = [e["Action"] for e in self.client.events(since=since, until=time.time() + 0.01, filters={"volume": "once"}, decode=True)]
        self.assertEqual(volumes, ["create", "destroy"])
        live = self.client.events(decode=True, filters={"type": "network"})
        self.client.networks.create("seen").remove()
        self.assertEqual([next(live)["Action"], next(live)["Action"]], ["create", "destroy"])
        live.close()

    def test_limits_and_places(self):
        box = self.run_idle(mem_limit="64m", nano_cpus=500_000_000, pids_limit=50, ulimits=[Ulimit(name="nofile", soft=100, hard=200)], hostname="host",
                            user="7:8", read_only=True, tmpfs={"/scratch": "size=1m"}, cap_drop=["ALL"], dns=["192.0.2.53"], extra_hosts={"other": "192.0.2.9"}, init=True)
        self.assertEqual(self.out(box, "hostname; id -u; id -g; ulimit -n; touch /x 2>/dev/null || echo ro; grep -c other /etc/hosts; grep -c 192.0.2.53 /etc/resolv.conf"),
                         "host\n7\n8\n100\nro\n1\n1\n")
        config = box.attrs["HostConfig"]
        self.assertEqual((config["Memory"], config["NanoCpus"], config["PidsLimit"]), (64 << 20, 500_000_000, 50))

    def test_system(self):
        self.assertTrue(self.client.ping())
        self.assertEqual(self.client.info()["OSType"], "linux")
        self.assertEqual(self.client.version()["Os"], "linux")
        self.assertIn("LayersSize", self.client.df())
        for kind in (self.client.containers, self.client.networks, self.client.volumes):
            kind.prune()
        self.client.images.prune(filters={"dangling": True})
        low = docker.APIClient(base_url=os.environ["DOCKER_HOST"], version="1.24")
        self.assertIsInstance(low.containers(all=True), list)
        low.close()


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
