#!/usr/bin/env python3
"""One end of a TCP connection, for throughput.py. The receiver prints the bytes per second from its
first byte to its last."""
import socket
import sys
import time


def receive(address, port):
    listener = socket.create_server((address, int(port)))
    print("ready", flush=True)
    connection, _ = listener.accept()
    buffer, total = bytearray(1 << 20), 0
    start = time.perf_counter()
    while count := connection.recv_into(buffer):
        total += count
    print(total / (time.perf_counter() - start))


def send(address, port, seconds):
    connection = socket.create_connection((address, int(port)), 10)
    chunk = bytes(1 << 20)
    end = time.perf_counter() + float(seconds)
    while time.perf_counter() < end:
        connection.sendall(chunk)


if __name__ == "__main__":
    {"receive": receive, "send": send}[sys.argv[1]](*sys.argv[2:])
