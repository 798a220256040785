"""A volume plugin in Docker's protocol, for tests: plugin.py SOCKET DIRECTORY.

Volumes are directories. Options: hang=METHOD makes that request of the volume hang, garbage=METHOD makes it answer bytes that are
no HTTP, die=METHOD ends the plugin; others are refused.
"""
import json
import os
import shutil
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler

SOCKET, ROOT = sys.argv[1], sys.argv[2]
FAULTS = ("hang", "garbage", "die")


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = json.loads(body) if body else {}
        method = self.path.rsplit(".", 1)[1]
        options = request.get("Opts") or self.options(request.get("Name", ""))
        if options.get("hang") == method:
            threading.Event().wait()
        if options.get("die") == method:
            os._exit(1)
        if options.get("garbage") == method:
            self.wfile.write(b"\x00\xff garbage \r\n\r\n" * 20)
            return
        answer = json.dumps(getattr(self, method)(request, options)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def options(self, name):
        try:
            with open(f"{ROOT}/{name}/options") as file:
                return json.load(file)
        except OSError:
            return {}

    def Activate(self, *_):
        return {"Implements": ["VolumeDriver"]}

    def Capabilities(self, *_):
        return {"Capabilities": {"Scope": "global"}}

    def Create(self, request, options):
        unknown = [key for key in options if key not in FAULTS]
        if unknown:
            return {"Err": f"unknown option {unknown[0]}"}
        os.makedirs(f"{ROOT}/{request['Name']}/data", exist_ok=True)
        with open(f"{ROOT}/{request['Name']}/options", "w") as file:
            json.dump(options, file)
        return {"Err": ""}

    def Remove(self, request, _):
        if not os.path.isdir(f"{ROOT}/{request['Name']}"):
            return {"Err": "no such volume"}
        shutil.rmtree(f"{ROOT}/{request['Name']}")
        return {"Err": ""}

    def Mount(self, request, _):
        return {"Mountpoint": f"{ROOT}/{request['Name']}/data", "Err": ""}

    def Unmount(self, *_):
        return {"Err": ""}

    def Get(self, request, _):
        if not os.path.isdir(f"{ROOT}/{request['Name']}"):
            return {"Err": "no such volume"}
        return {"Volume": {"Name": request["Name"], "Mountpoint": f"{ROOT}/{request['Name']}/data", "Status": {"made": "here"}}}


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


Server(SOCKET, Handler).serve_forever()
