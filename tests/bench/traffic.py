#!/usr/bin/env python3
"""What bench_networks runs in network namespaces: who asks a name server. Prints numbers."""
import socket
import struct
import sys
import time


def question(number, name):
    labels = b"".join(bytes([len(part)]) + part for part in name.encode().split(b"."))
    return struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + labels + b"\0\0\x01\0\x01"


def ask(server, name, seconds, outstanding):
    """Answers per second with so many questions on their way, and milliseconds of the 50th and the 99th of 100 of them."""
    ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(outstanding)]
    asked, took, answers = {}, [], 0
    text = question(1, name)
    start = time.perf_counter()
    for end in ends:
        end.settimeout(5)
        end.connect((server, 53))
        asked[end] = time.perf_counter()
        end.send(text)
    while time.perf_counter() - start < seconds:
        for end in ends:
            answer = end.recv(512)
            now = time.perf_counter()
            if answer[3] & 15 or not answer[7]:
                sys.exit("a wrong answer")
            took.append(now - asked[end])
            answers += 1
            asked[end] = now
            end.send(text)
    took.sort()
    print(answers / (time.perf_counter() - start), took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000)


if __name__ == "__main__":
    verb, server, name, seconds, outstanding = sys.argv[1:]
    ask(server, name, float(seconds), int(outstanding))
