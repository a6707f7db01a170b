"""Holds up every packet that a node sends, for kernels without netem.

Usage: python3 -IS -c PROGRAM DEVICE TAP FOLDER PARENT CLASS

tc hands what leaves DEVICE to a TAP device of ours; this reads it there, waits, and puts it on DEVICE again, straight
into CLASS (SO_PRIORITY is how HTB is told), so that a rate limit in that class holds for it. Nothing else of the node
changes: no address, no route, no packet rule. ARP is held up like the rest.

FOLDER/relay.settings holds delay and jitter in milliseconds, read at the start and on SIGHUP. Returns when packets
are being held up; SIGTERM to FOLDER/relay.pid ends it. A second process waits for its end, whatever that is, and takes
the redirection away.
"""

import collections
import fcntl
import heapq
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time

DEVICE, TAP, FOLDER, PARENT, CLASS = sys.argv[1:6]

# From linux/if_tun.h, linux/if_packet.h
TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6 = 1, 2, 4
SOL_PACKET, PACKET_VNET_HDR = 263, 15
SO_SNDBUFFORCE = 32

# struct virtio_net_hdr: says how to cut and checksum a frame that is longer than the MTU. Handed on as it is, so
# that 64 kB cost one read and one write.
HEADER_BYTES = 10
FRAME_BYTES = HEADER_BYTES + 14 + 65536
# A wire has an end too.
HELD_BYTES_AT_MOST = 128 * 1024 * 1024
READS_AT_ONCE = 64

FILTER = ["dev", DEVICE, "parent", PARENT, "protocol", "all", "prio", "9"]


def main():
    # By this name no fault takes it for Patroni, which is Python too.
    with open("/proc/self/comm", "w") as file:
        file.write(TAP)
    tap = open_tap()
    wire = open_wire()
    settings = Settings()
    redirect = ["u32", "match", "u32", "0", "0", "flowid", CLASS]
    redirect += ["action", "mirred", "egress", "redirect", "dev", TAP]
    command("tc", "filter", "replace", *FILTER, *redirect)
    if os.fork() != 0:
        os._exit(0)
    os.setsid()
    forget_standard_streams()
    worker = os.fork()
    if worker == 0:
        relay(tap, wire, settings)
    else:
        os.close(tap)
        supervise(worker)


def open_tap():
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", TAP.encode(), flags))
    fcntl.ioctl(tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)
    with open(f"/sys/class/net/{DEVICE}/mtu") as file:
        mtu = file.read().strip()
    # Without an address of its own it says nothing of its own.
    command("ip", "link", "set", TAP, "addrgenmode", "none")
    command("ip", "link", "set", TAP, "mtu", mtu, "txqueuelen", "10000", "up")
    return tap


def open_wire():
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    wire.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    major, minor = CLASS.split(":")
    priority = struct.pack("I", int(major, 16) << 16 | int(minor, 16))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, priority)
    wire.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, HELD_BYTES_AT_MOST)
    wire.bind((DEVICE, 0))
    wire.setblocking(False)
    return wire


class Settings:
    def __init__(self):
        self.read()
        signal.signal(signal.SIGHUP, lambda *_: self.read())

    def read(self):
        with open(f"{FOLDER}/relay.settings") as file:
            delay, jitter = file.read().split()
        self.delay, self.jitter = float(delay) / 1000, float(jitter) / 1000


class Held:
    """Frames on their way, in the order in which they are due; those of one connection in the order they came."""

    def __init__(self):
        self.heap = []
        self.bytes = 0
        self.count = 0
        self.last_due = collections.OrderedDict()

    def add(self, frame, due, now):
        if self.bytes + len(frame) > HELD_BYTES_AT_MOST:
            return
        flow = flow_of(frame)
        due = max(due, self.last_due.get(flow, 0))
        self.last_due[flow] = due
        self.last_due.move_to_end(flow)
        self.forget_old_flows(now)
        self.count += 1
        self.bytes += len(frame)
        heapq.heappush(self.heap, (due, self.count, frame))

    def forget_old_flows(self, now):
        flow, due = next(iter(self.last_due.items()))
        if due < now:
            del self.last_due[flow]

    def take_due(self, now):
        while self.heap and self.heap[0][0] <= now:
            frame = heapq.heappop(self.heap)[2]
            self.bytes -= len(frame)
            yield frame


def flow_of(frame):
    """IPv4 addresses and ports; whatever else there is by its kind and addresses."""
    network = HEADER_BYTES + 14
    if frame[network - 2 : network] != b"\x08\x00":
        return frame[HEADER_BYTES:network]
    ports = network + (frame[network] & 15) * 4
    return frame[network + 9 : network + 10] + frame[network + 12 : network + 20] + frame[ports : ports + 4]


def relay(tap, wire, settings):
    held = Held()
    is_ending = []
    signal.signal(signal.SIGTERM, lambda *_: is_ending.append(True))
    while not is_ending:
        now = time.monotonic()
        for frame in held.take_due(now):
            put(wire, frame)
        wait = max(0, held.heap[0][0] - time.monotonic()) if held.heap else 0.2
        if select.select([tap], [], [], min(wait, 0.2))[0]:
            now = time.monotonic()
            for frame in frames_of(tap):
                late = settings.delay + random.uniform(-settings.jitter, settings.jitter)
                held.add(frame, now + late, now)
    # First no more may come this way, then what did goes on: nothing is lost when the delay ends.
    remove_filter()
    for frame in frames_of(tap):
        held.add(frame, 0, 0)
    for frame in held.take_due(float("inf")):
        put(wire, frame)
    os._exit(0)


def frames_of(tap):
    for _ in range(READS_AT_ONCE):
        try:
            yield os.read(tap, FRAME_BYTES)
        except BlockingIOError:
            return


def put(wire, frame):
    try:
        wire.send(frame)
    except OSError:
        # A full queue behind us drops, as any queue does; a packet rule may forbid it.
        pass


def supervise(worker):
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _: os.kill(worker, number))
    with open(f"{FOLDER}/relay.pid", "w") as file:
        file.write(f"{os.getpid()}\n")
    os.waitpid(worker, 0)
    remove_filter()
    os.unlink(f"{FOLDER}/relay.pid")


def remove_filter():
    subprocess.call(["tc", "filter", "del", *FILTER], stderr=subprocess.DEVNULL)


def forget_standard_streams():
    null = os.open("/dev/null", os.O_RDWR)
    log = os.open(f"{FOLDER}/relay.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream, target in ((0, null), (1, log), (2, log)):
        os.dup2(target, stream)


def command(*argv):
    done = subprocess.run(argv, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(argv)}: {done.stderr.strip()}")


try:
    main()
except OSError as error:
    sys.exit(f"{error.filename or 'a socket'}: {error.strerror}")
