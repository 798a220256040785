#!/usr/bin/env python3
"""One end of a TCP connection, for throughput.py. Prints the seconds of processor time that it took, the receiver after the bytes
per second from its first byte to its last, and the bytes."""
import socket
import sys
import time


def receive(address, port):
    listener = socket.create_server((address, int(port)))
    print("ready", flush=True)
    connection, _ = listener.accept()
    buffer, total = bytearray(1 << 20), 0
    start, spent = time.perf_counter(), time.process_time()
    while count := connection.recv_into(buffer):
        total += count
    print(total / (time.perf_counter() - start), total, time.process_time() - spent)


def send(address, port, seconds):
    connection = socket.create_connection((address, int(port)), 10)
    chunk = bytes(1 << 20)
    spent, end = time.process_time(), time.perf_counter() + float(seconds)
    while time.perf_counter() < end:
        connection.sendall(chunk)
    print(time.process_time() - spent)


if __name__ == "__main__":
    {"receive": receive, "send": send}[sys.argv[1]](*sys.argv[2:])
