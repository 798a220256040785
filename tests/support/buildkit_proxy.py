#!/usr/bin/env python3
"""Plays the daemon's side of BuildKit's API before a gantryd that has none: `buildkit_proxy.py LISTEN DAEMON COMPANION`.

Upgrades of clients at the unix socket LISTEN go to the program COMPANION, everything else to gantryd's socket DAEMON. For tests
of the companion alone.
"""
import array
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.parse

listen_path, daemon_path, companion_path = sys.argv[1:4]
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
# In the child only: here descriptor 3 is something else.
companion = subprocess.Popen([companion_path], close_fds=False, preexec_fn=lambda: os.dup2(theirs.fileno(), 3))
theirs.close()


def tell(message, fd=None):
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))] if fd is not None else []
    ours.sendmsg([json.dumps(message).encode()], rights)


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def to_daemon(client, first):
    daemon = socket.socket(socket.AF_UNIX)
    daemon.connect(daemon_path)
    daemon.sendall(first)
    threads = [threading.Thread(target=pump, args=pair, daemon=True) for pair in ((client, daemon), (daemon, client))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    daemon.close()


def serve_api():
    while True:
        data, rights, _, _ = ours.recvmsg(65536, socket.CMSG_SPACE(4))
        if not data:
            return
        for _, _, fds in rights:
            fd = array.array("i", fds[:4])[0]
            threading.Thread(target=to_daemon, args=(socket.socket(fileno=fd), b""), daemon=True).start()


def build(client, query):
    mine, other = socket.socketpair()
    tell({"Kind": "build", "Query": query}, other.fileno())
    other.close()
    stream = mine.makefile("rb")
    status = json.loads(stream.readline() or b'{"Status":500}')
    body = json.dumps({"message": status.get("Message", "")}).encode() if status["Status"] != 200 else b""
    client.sendall(f"HTTP/1.1 {status['Status']} X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n".encode() + body)
    gone = threading.Thread(target=lambda: (client.recv(1), mine.shutdown(socket.SHUT_RDWR)), daemon=True)
    gone.start()
    for line in stream:
        client.sendall(line)
    client.shutdown(socket.SHUT_RDWR)
    client.close()


def upload(client, build_id, head, rest):
    mine, other = socket.socketpair()
    tell({"Kind": "upload", "BuildId": build_id}, other.fileno())
    other.close()
    stream = client.makefile("rb")
    stream_first = [rest]

    def read(n):
        if stream_first[0]:
            piece, stream_first[0] = stream_first[0][:n], stream_first[0][n:]
            return piece + (stream.read(n - len(piece)) if len(piece) < n else b"")
        return stream.read(n)

    def line():
        out = b""
        while not out.endswith(b"\n"):
            out += read(1)
        return out

    try:
        if "transfer-encoding: chunked" in head.lower():
            while size := int(line(), 16):
                mine.sendall(read(size))
                read(2)
        else:
            length = int([h.split(":")[1] for h in head.lower().split("\r\n") if h.startswith("content-length:")][0])
            mine.sendall(read(length))
    except OSError:
        pass
    mine.close()
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    client.close()


def handle(client):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(65536)
        if not piece:
            return
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    text = head.decode("latin-1")
    method, target, _ = text.split("\r\n")[0].split(" ")
    path, _, query = target.partition("?")
    if path.startswith("/v1."):
        path = "/" + path.split("/", 2)[2]
    parameters = urllib.parse.parse_qs(query)
    if path == "/grpc":
        client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        tell({"Kind": "grpc"}, client.fileno())
    elif path == "/session":
        client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        headers = {}
        for line in text.split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            if name.lower().startswith("x-docker-expose-session"):
                name = "-".join(part.capitalize() for part in name.split("-"))
                headers.setdefault(name, []).append(value)
        tell({"Kind": "session", "Headers": headers}, client.fileno())
    elif path == "/build" and parameters.get("version") == ["2"]:
        build_id = parameters.get("buildid", [""])[0]
        if build_id.startswith("upload-request:"):
            upload(client, build_id.split(":", 1)[1], text, rest)
        else:
            build(client, query)
        return
    elif path == "/build/cancel":
        tell({"Kind": "cancel", "BuildId": parameters.get("id", [""])[0]})
        client.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    else:
        lines = [line for line in text.split("\r\n") if not line.lower().startswith("connection:") or "upgrade" in line.lower()]
        if not any(line.lower().startswith("connection:") for line in lines):
            lines.append("Connection: close")
        to_daemon(client, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + rest)
        return
    client.close()


threading.Thread(target=serve_api, daemon=True).start()
listener = socket.socket(socket.AF_UNIX)
listener.bind(listen_path)
listener.listen(64)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=handle, args=(connection,), daemon=True).start()
