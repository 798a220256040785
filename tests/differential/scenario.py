"""What is asked of both engines beside create: a container's life, and every request that looks at it."""
import json
import time
import urllib.parse

from answers import shape


# The command of an exec whose events are left out: releases differ in whether it is created.
NOT_TOLD = "not-told"


def query(**values):
    return "?" + urllib.parse.urlencode({k.replace("_", "-") if k == "one_shot" else k: v for k, v in values.items()})


def filters(**values):
    return query(all=1, filters=json.dumps(values))


def columns(body):
    """Of `top`: the titles, and of every process what does not change from run to run."""
    if not isinstance(body, dict) or "Titles" not in body:
        return body
    last = [row[-1] for row in body["Processes"] or []]
    return {"Titles": body["Titles"], "Processes": ["<number>" if cell.isdigit() else cell for cell in last]}


def happenings(body):
    """Of `events`: what happened to each container in order, and each event under a name of its own, so that one that is
    missing does not shift the others."""
    if not isinstance(body, list):
        return body
    order, events = {}, {}
    for event in body:
        if not isinstance(event, dict) or event.get("Type") != "container" or NOT_TOLD in event["Action"]:
            continue
        name = event["Actor"]["Attributes"].get("name")
        actions = order.setdefault(event["Actor"]["ID"], [])
        actions.append(event["Action"])
        events[f"{name} {event['Action']} {actions.count(event['Action'])}"] = event
    return {"order": {key: ", ".join(actions) for key, actions in order.items()}, "events": events}


def actions(body):
    """Of filtered `events`: what happened, to whom."""
    if not isinstance(body, list):
        return body
    return [f"{e['Actor']['Attributes'].get('name')} {e['Action']}" for e in body
            if e.get("Type") == "container" and NOT_TOLD not in e["Action"]]


class Scenario:
    """Runs the steps on one engine; `results` maps a step's name to (status, type, comparable body)."""

    def __init__(self, asker):
        self.asker, self.results = asker, {}

    def step(self, name, method, path, body=None, keep=lambda b: b, **how):
        answer = self.asker.ask(method, path, body, **how)
        if name in self.results:
            raise ValueError("two steps are called " + name)
        self.results[name] = (answer.status, answer.kind, self.asker.normal(keep(answer.body)))
        return answer.body

    def create(self, name, cmd, host=None, **config):
        body = {"Image": "diff/plain", "Cmd": cmd, **config, "HostConfig": {"NetworkMode": "none", **(host or {})}}
        made = self.asker.ask("POST", "/containers/create?name=" + name, body).body
        self.asker.learn(made["Id"], f"<{name}>")

    def run(self):
        since = f"{time.time():.9f}"
        self.lives()
        for part in (self.inspects, self.lists, self.tops, self.stats, self.execs, self.logs, self.signals, self.pauses,
                     self.renames, self.updates, self.requests, self.ends):
            part()
        self.events(since)
        return self.results

    def lives(self):
        self.create("web", ["sleep", "1000"], Labels={"role": "web", "tier": "1"}, ExposedPorts={"80/tcp": {}})
        self.step("start", "POST", "/containers/web/start")
        self.step("start again", "POST", "/containers/web/start")
        self.create("job", ["sh", "-c", "echo out; echo err >&2; exit 3"], Labels={"role": "job"})
        self.step("start job", "POST", "/containers/job/start")
        self.step("wait job", "POST", "/containers/job/wait")
        self.create("new", ["true"], {"Binds": ["/usr:/data"]})
        self.create("missing", ["/no/such/program"])
        self.step("start missing program", "POST", "/containers/missing/start")
        self.create("denied", ["/etc/passwd"])
        self.step("start not executable", "POST", "/containers/denied/start")
        self.create("tty", ["sh"], OpenStdin=True, Tty=True)

    def inspects(self):
        for name in ("web", "job", "new", "missing", "denied", "tty", "nobody"):
            self.step("inspect " + name, "GET", f"/containers/{name}/json")
        self.step("inspect size", "GET", "/containers/web/json?size=1")
        self.step("changes none", "GET", "/containers/new/changes")
        self.step("changes unknown", "GET", "/containers/nobody/changes")
        self.step("export unknown", "GET", "/containers/nobody/export")

    def lists(self):
        def names(body):
            return [c["Names"] for c in body] if isinstance(body, list) else body

        self.step("list", "GET", "/containers/json")
        self.step("list all", "GET", "/containers/json?all=1")
        self.step("list size", "GET", "/containers/json?all=1&size=1")
        for limit in ("2", "0", "-1", "x"):
            self.step("list limit " + limit, "GET", "/containers/json?limit=" + limit, keep=names)
        for label, wanted in {
            "status exited": {"status": ["exited"]}, "status two": {"status": ["exited", "running"]},
            "status map": {"status": {"created": True}}, "status unknown": {"status": ["nonsense"]},
            "exited 3": {"exited": ["3"]}, "exited two": {"exited": ["3", "0"]}, "exited bad": {"exited": ["x"]},
            "name": {"name": ["we"]}, "name exact": {"name": ["^/web$"]}, "name bad regex": {"name": ["("]},
            "name slash": {"name": ["/web"]},
            "id": {"id": ["zzz"]}, "label": {"label": ["role"]}, "label value": {"label": ["role=web"]},
            "label two": {"label": ["role=web", "tier=2"]}, "ancestor": {"ancestor": ["diff/plain"]},
            "ancestor unknown": {"ancestor": ["no/such"]}, "ancestor empty": {"ancestor": [""]},
            "before": {"before": ["new"]}, "since": {"since": ["job"]},
            "before unknown": {"before": ["nobody"]}, "since unknown": {"since": ["nobody"]},
            "volume": {"volume": ["/data"]}, "network": {"network": ["none"]}, "network unknown": {"network": ["no"]},
            "health none": {"health": ["none"]}, "health healthy": {"health": ["healthy"]}, "health bad": {"health": ["x"]},
            "expose": {"expose": ["80"]}, "expose range": {"expose": ["70-90/tcp"]}, "expose bad": {"expose": ["x"]},
            "publish": {"publish": ["80"]}, "is-task": {"is-task": ["true"]}, "is-task bad": {"is-task": ["x"]},
            "unknown": {"nonsense": ["x"]},
        }.items():
            self.step("filter " + label, "GET", "/containers/json" + query(all=1, filters=json.dumps(wanted)), keep=names)
        self.step("filter no json", "GET", "/containers/json?filters=nonsense")
        self.step("filter list", "GET", "/containers/json?filters=[]")

    def tops(self):
        for args in ("", "aux", "-o pid,comm", "-o comm,pid", "-eo pid,ppid,args", "-o comm", "--nonsense", "-p 1", "-o pid,nonsense"):
            self.step("top " + args, "GET", "/containers/web/top" + (query(ps_args=args) if args else ""), keep=columns)
        self.step("top stopped", "GET", "/containers/job/top")
        self.step("top unknown", "GET", "/containers/nobody/top")

    def stats(self):
        self.step("stats", "GET", "/containers/web/stats?stream=0", keep=shape)
        self.step("stats one shot", "GET", "/containers/web/stats?stream=0&one-shot=1", keep=shape)
        self.step("stats stopped", "GET", "/containers/job/stats?stream=0")
        self.step("stats never started", "GET", "/containers/new/stats?stream=0")
        self.step("stats unknown", "GET", "/containers/nobody/stats?stream=0")
        self.step("stats unknown stream", "GET", "/containers/nobody/stats")

    def execs(self):
        def make(name, body, container="web"):
            made = self.step("exec create " + name, "POST", f"/containers/{container}/exec", body,
                             keep=lambda b: {"Id": "<exec>"} if isinstance(b, dict) and "Id" in b else b)
            if isinstance(made, dict) and "Id" in made:
                self.asker.learn(made["Id"], f"<exec {name}>")
                return made["Id"]
            return "none"

        full = make("full", {"Cmd": ["sh", "-c", "exit 4"], "Env": ["A=1"], "User": "worker", "WorkingDir": "/tmp",
                             "AttachStdout": True, "AttachStderr": True, "Privileged": True, "Tty": True})
        self.step("exec inspect new", "GET", f"/exec/{full}/json")
        plain = make("plain", {"Cmd": ["sh", "-c", "echo hello; exit 5"]})
        self.step("exec start", "POST", f"/exec/{plain}/start", {"Detach": True})
        self._settled(plain)
        self.step("exec inspect ended", "GET", f"/exec/{plain}/json")
        self.step("exec start again", "POST", f"/exec/{plain}/start", {"Detach": True})
        missing = make("missing", {"Cmd": ["/no/such/program"]})
        self.step("exec start missing", "POST", f"/exec/{missing}/start", {"Detach": True})
        make("no command", {})
        make("empty command", {"Cmd": []})
        make("unknown user", {"Cmd": [NOT_TOLD], "User": "nobody-here"})
        make("bad detach keys", {"Cmd": ["true"], "DetachKeys": "ctrl-nonsense"})
        make("stopped", {"Cmd": ["true"]}, "job")
        make("unknown", {"Cmd": ["true"]}, "nobody")
        self.step("exec inspect unknown", "GET", "/exec/nothing/json")
        self.step("exec start unknown", "POST", "/exec/nothing/start", {"Detach": True})
        self.step("exec resize unknown", "POST", "/exec/nothing/resize?h=10&w=10")
        self.step("exec resize bad", "POST", f"/exec/{full}/resize?h=x&w=10")

    def _settled(self, exec_id):
        deadline = time.monotonic() + 20
        while self.asker.ask("GET", f"/exec/{exec_id}/json").body.get("Running") and time.monotonic() < deadline:
            time.sleep(0.02)

    def logs(self):
        for name, asked in {"none": "", "out": "stdout=1", "err": "stderr=1", "tail": "stdout=1&stderr=1&tail=0",
                            "tail word": "stdout=1&tail=nonsense", "times": "stdout=1&timestamps=1",
                            "details": "stdout=1&details=1", "since future": "stdout=1&since=9999999999",
                            "since bad": "stdout=1&since=nonsense", "until past": "stdout=1&until=1",
                            "until bad": "stdout=1&until=nonsense"}.items():
            self.step("logs " + name, "GET", "/containers/job/logs?" + asked)
        self.step("logs unknown", "GET", "/containers/nobody/logs?stdout=1")
        self.step("logs never started", "GET", "/containers/new/logs?stdout=1")

    def signals(self):
        self.step("kill ignored signal", "POST", "/containers/web/kill?signal=SIGUSR1")
        for signal in ("NONSENSE", "0", "-1", "99", "USR1", "12"):
            self.step("kill " + signal, "POST", "/containers/web/kill?signal=" + signal)
        self.step("kill stopped", "POST", "/containers/job/kill")
        self.step("kill unknown", "POST", "/containers/nobody/kill")
        self.step("wait ended", "POST", "/containers/job/wait?condition=not-running")
        self.step("wait bad condition", "POST", "/containers/job/wait?condition=nonsense")
        self.step("wait unknown", "POST", "/containers/nobody/wait")
        self.step("resize", "POST", "/containers/web/resize?h=10&w=20")
        for name, asked in {"bad": "h=x&w=1", "missing": ""}.items():
            self.step("resize " + name, "POST", "/containers/web/resize?" + asked)
        self.step("resize stopped", "POST", "/containers/job/resize?h=1&w=1")
        self.step("resize unknown", "POST", "/containers/nobody/resize?h=1&w=1")

    def pauses(self):
        self.step("pause", "POST", "/containers/web/pause")
        self.step("pause again", "POST", "/containers/web/pause")
        self.step("inspect paused", "GET", "/containers/web/json", keep=lambda b: b.get("State"))
        self.step("list paused", "GET", "/containers/json" + filters(status=["paused"]), keep=lambda b: [c["Status"] for c in b])
        self.step("start paused", "POST", "/containers/web/start")
        self.step("exec paused", "POST", "/containers/web/exec", {"Cmd": ["true"]})
        self.step("attach paused", "POST", "/containers/web/attach?stream=1&stdout=1")
        self.step("top paused", "GET", "/containers/web/top?ps_args=-o%20pid,comm", keep=columns)
        self.step("unpause", "POST", "/containers/web/unpause")
        self.step("unpause again", "POST", "/containers/web/unpause")
        self.step("pause stopped", "POST", "/containers/job/pause")
        self.step("pause unknown", "POST", "/containers/nobody/pause")
        self.step("unpause stopped", "POST", "/containers/job/unpause")

    def renames(self):
        self.step("rename taken", "POST", "/containers/job/rename?name=web")
        self.step("rename bad", "POST", "/containers/job/rename?name=-bad")
        self.step("rename empty", "POST", "/containers/job/rename?name=")
        self.step("rename same", "POST", "/containers/job/rename?name=job")
        self.step("rename unknown", "POST", "/containers/nobody/rename?name=x1")
        self.step("rename", "POST", "/containers/job/rename?name=done")

    def updates(self):
        def update(name, body, container="web"):
            self.step("update " + name, "POST", f"/containers/{container}/update", body)

        update("nothing", {})
        update("memory", {"Memory": 64 << 20, "MemorySwap": 128 << 20})
        update("cpu", {"CpuShares": 256, "CpuPeriod": 50000, "CpuQuota": 25000})
        update("restart", {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 1}})
        update("restart bad", {"RestartPolicy": {"Name": "nonsense"}})
        update("memory small", {"Memory": 1})
        update("swap below memory", {"Memory": 128 << 20, "MemorySwap": 64 << 20})
        update("nano beside quota", {"NanoCpus": 100000000})
        update("pids", {"PidsLimit": 50})
        update("cpuset bad", {"CpusetCpus": "x"})
        update("wrong type", {"Memory": "1"})
        update("stopped", {"CpuShares": 300}, "done")
        update("unknown", {}, "nobody")
        self.step("inspect updated", "GET", "/containers/web/json", keep=lambda b: b.get("HostConfig"))
        self.step("inspect updated stopped", "GET", "/containers/done/json", keep=lambda b: b.get("HostConfig"))

    def requests(self):
        self.step("no such path", "GET", "/nonsense")
        self.step("wrong method", "PUT", "/containers/json")
        self.step("version too new", "GET", "/v9.99/containers/json")
        self.step("version too old", "GET", "/v1.11/containers/json")
        self.step("create no body", "POST", "/containers/create")
        self.step("create bad json", "POST", "/containers/create", raw="{")
        self.step("create wrong content type", "POST", "/containers/create", raw="{}", headers={"Content-Type": "text/plain"})
        self.step("create null", "POST", "/containers/create", raw="null")
        self.step("create list", "POST", "/containers/create", raw="[]")
        self.step("create name taken", "POST", "/containers/create?name=web", {"Image": "diff/plain"})
        self.step("create name bad", "POST", "/containers/create?name=-x", {"Image": "diff/plain"})
        self.step("create name short", "POST", "/containers/create?name=x", {"Image": "diff/plain"})
        self.step("attach unknown", "POST", "/containers/nobody/attach?stream=1&stdout=1")
        self.step("attach bad detach keys", "POST", "/containers/new/attach?stream=1&stdout=1&detachKeys=ctrl-nonsense")
        self.step("events unknown filter", "GET", "/events" + query(since=1, until=2, filters='{"nonsense":["x"]}'))
        self.step("events since after until", "GET", "/events?since=20&until=10")
        self.step("events bad since", "GET", "/events?since=nonsense&until=2")
        self.step("prune unknown filter", "POST", "/containers/prune" + query(filters='{"nonsense":["x"]}'))
        self.step("prune bad until", "POST", "/containers/prune" + query(filters='{"until":["nonsense"]}'))
        self.step("prune nothing", "POST", "/containers/prune" + query(filters='{"label":["no-such-label"]}'))

    def ends(self):
        self.step("remove running", "DELETE", "/containers/web")
        self.step("remove unknown", "DELETE", "/containers/nobody")
        self.step("stop bad time", "POST", "/containers/web/stop?t=x")
        self.step("stop ended", "POST", "/containers/done/stop")
        self.step("stop unknown", "POST", "/containers/nobody/stop")
        self.step("restart", "POST", "/containers/web/restart?t=0")
        self.step("stop", "POST", "/containers/web/stop?t=0")
        self.step("inspect stopped", "GET", "/containers/web/json", keep=lambda b: b.get("State"))
        self.step("restart unknown", "POST", "/containers/nobody/restart")
        self.step("start killed", "POST", "/containers/web/start")
        self.step("kill", "POST", "/containers/web/kill")
        self.step("inspect killed", "GET", "/containers/web/json", keep=lambda b: b.get("State"))
        self.step("remove", "DELETE", "/containers/web")
        self.step("start tty", "POST", "/containers/tty/start")
        self.step("remove forced", "DELETE", "/containers/tty?force=1&v=1")
        self.step("prune", "POST", "/containers/prune",
                  keep=lambda b: {**b, "ContainersDeleted": len(b.get("ContainersDeleted") or [])})
        self.step("prune empty", "POST", "/containers/prune")

    def events(self, since):
        until = f"{time.time():.9f}"
        window = {"since": since, "until": until}
        self.step("events", "GET", "/events" + query(**window), keep=happenings)
        for name, wanted in {
            "event": {"event": ["start", "die"]}, "exec prefix": {"event": ["exec_create"]},
            "container name": {"container": ["web"]}, "container prefix": {"container": ["we"]},
            "container unknown": {"container": ["nobody"]}, "label": {"label": ["role=job"]}, "label key": {"label": ["tier"]},
            "label two": {"label": ["role=web", "tier=1"]}, "type": {"type": ["container"], "event": ["destroy"]},
            "type other": {"type": ["volume"]}, "image": {"image": ["diff/plain"], "event": ["create"]},
            "image tagged": {"image": ["diff/plain:latest"], "event": ["create"]},
            "image unknown": {"image": ["no/such"]}, "scope": {"scope": ["swarm"]}, "scope local": {"scope": ["local"], "event": ["die"]},
            "daemon": {"daemon": ["x"]},
        }.items():
            self.step("events " + name, "GET", "/events" + query(**window, filters=json.dumps(wanted)),
                      keep=lambda b: sorted(set(actions(b))) if isinstance(b, list) else b)
