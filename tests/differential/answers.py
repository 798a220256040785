"""Asking an engine, and making what it answers comparable: IDs, times, PIDs and paths become words."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from engines import UnixHttp  # noqa: E402

ABSENT = "<absent>"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ID = re.compile(r"\b[0-9a-f]{64}\b")
# "Up 4 seconds", "Exited (3) About a minute ago", "Created"
AGE = re.compile(r"\b(Up |Exited \(\d+\) |Restarting \(\d+\) )((Less than )?(a|an|About an?|\d+) \w+( ago)?)")
NEVER = "0001-01-01T00:00:00Z"
# Numbers that say something about the moment, wherever they are.
MOMENTS = {"Pid", "pid", "Created", "time", "timeNano", "SizeRw", "SizeRootFs", "SpaceReclaimed", "execDuration"}


class Answer:
    def __init__(self, status, kind, body):
        self.status, self.kind, self.body = status, kind, body


class Asker:
    """One engine at one API version."""

    def __init__(self, engine, version):
        self.engine, self.version = engine, version
        self.names = {}  # id → word

    def learn(self, identifier, word):
        self.names[identifier] = word

    def ask(self, method, path, body=None, raw=None, headers=None, timeout=30):
        connection = UnixHttp(self.engine.socket)
        connection.timeout = timeout
        data = raw if raw is not None else json.dumps(body) if body is not None else None
        sent = dict(headers or {})
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        prefix = "" if path.startswith("/v") else "/v" + self.version
        connection.request(method, prefix + path, data, sent)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return Answer(response.status, response.headers.get("Content-Type"), self._parse(content))

    @staticmethod
    def _parse(content):
        text = content.decode("utf-8", "replace")
        try:
            return json.loads(text)
        except ValueError:
            pass
        try:  # a stream of objects
            return [json.loads(line) for line in text.splitlines()] if text else ""
        except ValueError:
            return text

    def normal(self, value, key=""):
        if isinstance(value, dict):
            return {self.normal(k): self.normal(v, k) for k, v in value.items()}
        if isinstance(value, list):
            items = [self.normal(v) for v in value]
            # dockerd keeps a container's mounts in a map: their order is any.
            return sorted(items, key=lambda m: m.get("Destination", "")) if key == "Mounts" else items
        if isinstance(value, str):
            if key in MOMENTS and value.isdigit():
                return "<moment>"
            return self._text(value)
        if key in MOMENTS and isinstance(value, (int, float)) and value:
            return "<moment>"
        return value

    def _text(self, text):
        for identifier, word in self.names.items():
            text = text.replace(identifier, word).replace(identifier[:12], word)
        text = text.replace(self.engine.root, "<root>")
        text = ID.sub("<id>", text)
        text = AGE.sub(lambda found: found[1] + "<age>", text)
        return TIME.sub(lambda found: found[0] if found[0] == NEVER else "<time>", text)


def shape(value):
    """Types instead of values; what a list holds is the shape of its first item."""
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return value if value is None else "<" + ("number" if isinstance(value, (int, float)) else type(value).__name__) + ">"


def differences(ours, theirs, path=""):
    """[(JSON pointer, Docker's, Gantry's)]"""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted(set(ours) | set(theirs)):
            found += differences(ours.get(key, ABSENT), theirs.get(key, ABSENT), path + "/" + key)
        return found
    if isinstance(ours, list) and isinstance(theirs, list):
        found = []
        for i in range(max(len(ours), len(theirs))):
            found += differences(ours[i] if i < len(ours) else ABSENT, theirs[i] if i < len(theirs) else ABSENT, f"{path}/{i}")
        return found
    same = ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)
    return [] if same else [(path, theirs, ours)]
