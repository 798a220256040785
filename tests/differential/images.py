"""The images that both engines load: the same bytes, so the same IDs."""
import hashlib
import io
import json
import shutil
import tarfile

APPLETS = ("sh", "sleep", "true", "false", "cat", "echo", "ls", "id", "dd", "kill", "touch", "rm", "head", "tail", "env")
PASSWD = "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1000::/home/worker:/bin/sh\n"
GROUP = "root:x:0:\nworker:x:1000:\naudio:x:63:\n"

PLAIN = {"Cmd": ["sh"], "Env": ["PATH=/usr/bin:/bin"]}
RICH = {
    "Cmd": ["serve"],
    "Entrypoint": ["/bin/echo"],
    "Env": ["PATH=/usr/bin:/bin", "FROM_IMAGE=yes"],
    "ExposedPorts": {"8080/tcp": {}, "53/udp": {}},
    "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 5000000000, "Retries": 2},
    "Labels": {"from": "image", "both": "image"},
    "StopSignal": "SIGUSR1",
    "User": "worker",
    "WorkingDir": "/srv",
}


def _add(tar, name, data=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = 0o755
    for key, value in fields.items():
        setattr(info, key, value)
    tar.addfile(info, io.BytesIO(data))


def _layer():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name in ("bin", "etc", "srv", "tmp", "root", "home", "home/worker", "proc", "sys", "dev"):
            _add(tar, name, type=tarfile.DIRTYPE)
        with open(shutil.which("busybox") or "/bin/busybox", "rb") as busybox:
            _add(tar, "bin/busybox", busybox.read())
        for applet in APPLETS:
            _add(tar, "bin/" + applet, type=tarfile.SYMTYPE, linkname="busybox")
        _add(tar, "etc/passwd", PASSWD.encode(), mode=0o644)
        _add(tar, "etc/group", GROUP.encode(), mode=0o644)
    return out.getvalue()


def archive():
    """A docker-archive with diff/plain:latest and diff/rich:latest, as bytes."""
    out = io.BytesIO()
    layer = _layer()
    digest = hashlib.sha256(layer).hexdigest()
    manifest = []
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        _add(tar, digest + "/layer.tar", layer)
        for name, config in (("plain", PLAIN), ("rich", RICH)):
            document = json.dumps({
                "architecture": "amd64", "os": "linux", "created": "2024-01-02T03:04:05Z", "config": config,
                "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
                "history": [{"created": "2024-01-02T03:04:05Z", "created_by": name}],
            }).encode()
            file = hashlib.sha256(document).hexdigest() + ".json"
            _add(tar, file, document)
            manifest.append({"Config": file, "RepoTags": [f"diff/{name}:latest"], "Layers": [digest + "/layer.tar"]})
        _add(tar, "manifest.json", json.dumps(manifest).encode())
    return out.getvalue()
