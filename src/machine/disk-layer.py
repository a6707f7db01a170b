"""A layer over one disk of a node, through which every read, write and fsync of its files goes: a file system in
userspace (FUSE) that passes them on to the folder that it is mounted over, unless a fault stands in the settings.

Usage: python3 -IS -c PROGRAM FOLDER SETTINGS NAME

SETTINGS is a file, read again before a request whenever it has changed; without it every request is passed on. JSON:
  tag         names the fault; once a request has met it, SETTINGS.seen holds the same text
  operations  of 'read', 'write', 'fsync': those that it concerns; names that are made, changed or removed are writes
  stall       true: they wait until the settings change
  error       true: they fail with EIO
  lie         true: an fsync succeeds at once, and does nothing
  delayMs, bytesPerSecond   they wait this long, and for their turn

Returns when the layer is in place. It ends with its process, and so do the requests that wait in it. Protocol:
linux/fuse.h, 7.31. Only the standard library: Python runs wherever Patroni does.
"""

import ctypes
import errno
import heapq
import json
import os
import stat
import struct
import sys
import threading
import time

FOLDER, SETTINGS, NAME = sys.argv[1:4]

MAX_WRITE = 256 * 1024
BUFFER_BYTES = MAX_WRITE + 4096
THREADS = 3
# Nothing but this layer changes the folder, so the kernel may keep names and attributes.
VALID_SECONDS = 3600
POLL_SECONDS = 0.02

IN_HEADER = struct.Struct("<IIQQIIIHH")
OUT_HEADER = struct.Struct("<IiQ")
ATTR = struct.Struct("<QQQQQQIIIIIIIIII")
SETATTR = struct.Struct("<IIQQQQQQIIIIIIII")
WRITE_IN = struct.Struct("<QQIIQII")
READ_IN = struct.Struct("<QQIIQII")

LOOKUP, FORGET, GETATTR, SETATTR_OP, READLINK, SYMLINK = 1, 2, 3, 4, 5, 6
MKNOD, MKDIR, UNLINK, RMDIR, RENAME, LINK, OPEN, READ, WRITE = 8, 9, 10, 11, 12, 13, 14, 15, 16
STATFS, RELEASE, FSYNC, FLUSH, INIT, OPENDIR, READDIR = 17, 18, 20, 25, 26, 27, 28
RELEASEDIR, FSYNCDIR, CREATE, INTERRUPT, DESTROY, BATCH_FORGET = 29, 30, 35, 36, 38, 42
FALLOCATE, RENAME2 = 43, 45
WITHOUT_ANSWER = {FORGET, INTERRUPT, BATCH_FORGET}

CLASSES = {READ: "read", FSYNC: "fsync", FSYNCDIR: "fsync"}
for changing in (WRITE, SETATTR_OP, FALLOCATE, CREATE, MKNOD, MKDIR, SYMLINK, LINK, UNLINK, RMDIR, RENAME, RENAME2):
    CLASSES[changing] = "write"

ROOT = 1
KEEP_CACHE = 2
SET_MODE, SET_UID, SET_GID, SET_SIZE, SET_ATIME, SET_MTIME, SET_FH = 1, 2, 4, 8, 16, 32, 64
SET_ATIME_NOW, SET_MTIME_NOW = 128, 256

libc = ctypes.CDLL(None, use_errno=True)


class Node:
    """A name that the kernel knows. Its path is found by its parents, so a rename above it needs nothing here."""

    __slots__ = ("number", "parent", "name", "lookups", "handles", "children")

    def __init__(self, number, parent, name):
        self.number, self.parent, self.name = number, parent, name
        self.lookups = 0
        self.handles = set()
        self.children = {}


class Tree:
    def __init__(self):
        self.root = Node(ROOT, None, b"")
        self.nodes = {ROOT: self.root}
        self.last = ROOT
        self.lock = threading.RLock()

    def path(self, number, name=None):
        """Relative to the folder. Raises ENOENT where the name was removed."""
        with self.lock:
            node = self.nodes[number]
            parts = [] if name is None else [name]
            while node is not self.root:
                if node.parent is None:
                    raise OSError(errno.ENOENT, "removed")
                parts.append(node.name)
                node = node.parent
        return b"/".join(reversed(parts)) or b"."

    def found(self, parent, name):
        with self.lock:
            above = self.nodes[parent]
            node = above.children.get(name)
            if node is None:
                self.last += 1
                node = Node(self.last, above, name)
                above.children[name] = node
                self.nodes[node.number] = node
            node.lookups += 1
            return node.number

    def removed(self, parent, name):
        with self.lock:
            node = self.nodes[parent].children.pop(name, None)
            if node is not None:
                node.parent = None

    def renamed(self, parent, name, new_parent, new_name):
        with self.lock:
            node = self.nodes[parent].children.pop(name, None)
            self.removed(new_parent, new_name)
            if node is not None:
                node.parent, node.name = self.nodes[new_parent], new_name
                node.parent.children[new_name] = node

    def forget(self, number, count):
        with self.lock:
            node = self.nodes.get(number)
            if node is None or node is self.root:
                return
            node.lookups -= count
            if node.lookups > 0:
                return
            del self.nodes[number]
            if node.parent is not None and node.parent.children.get(node.name) is node:
                del node.parent.children[node.name]


class Layer:
    def __init__(self, below):
        self.below = below
        self.tree = Tree()
        self.listings = {}
        self.last_listing = 0
        self.calls = {
            LOOKUP: self.lookup, GETATTR: self.getattr, SETATTR_OP: self.setattr, READLINK: self.readlink,
            SYMLINK: self.symlink, MKNOD: self.mknod, MKDIR: self.mkdir, UNLINK: self.unlink, RMDIR: self.rmdir,
            RENAME: self.rename, RENAME2: self.rename2, LINK: self.link, OPEN: self.open, READ: self.read,
            WRITE: self.write, STATFS: self.statfs, RELEASE: self.release, FSYNC: self.fsync, INIT: self.init,
            OPENDIR: self.opendir, READDIR: self.readdir, RELEASEDIR: self.releasedir, FSYNCDIR: self.fsyncdir,
            CREATE: self.create, FORGET: self.forget, BATCH_FORGET: self.batch_forget, FALLOCATE: self.fallocate,
        }

    # --- names ---

    def stat(self, number):
        try:
            return os.stat(self.tree.path(number), dir_fd=self.below, follow_symlinks=False)
        except FileNotFoundError:
            for handle in tuple(self.tree.nodes[number].handles):
                return os.fstat(handle)
            raise

    def entry(self, parent, name):
        found = os.stat(self.tree.path(parent, name), dir_fd=self.below, follow_symlinks=False)
        number = self.tree.found(parent, name)
        return struct.pack("<QQQQII", number, 0, VALID_SECONDS, VALID_SECONDS, 0, 0) + attributes(found)

    def lookup(self, at, _caller, body):
        return self.entry(at, body[:-1])

    def forget(self, at, _caller, body):
        self.tree.forget(at, struct.unpack_from("<Q", body)[0])

    def batch_forget(self, _at, _caller, body):
        (count,) = struct.unpack_from("<I", body)
        for one in range(count):
            self.tree.forget(*struct.unpack_from("<QQ", body, 8 + 16 * one))

    def own(self, path, caller):
        os.chown(path, *caller, dir_fd=self.below, follow_symlinks=False)

    def mknod(self, at, caller, body):
        mode, device = struct.unpack_from("<II", body)
        name = body[16:-1]
        path = self.tree.path(at, name)
        os.mknod(path, mode, device, dir_fd=self.below)
        self.own(path, caller)
        return self.entry(at, name)

    def mkdir(self, at, caller, body):
        (mode,) = struct.unpack_from("<I", body)
        name = body[8:-1]
        path = self.tree.path(at, name)
        os.mkdir(path, mode, dir_fd=self.below)
        self.own(path, caller)
        return self.entry(at, name)

    def symlink(self, at, caller, body):
        name, target = body[:-1].split(b"\0")
        path = self.tree.path(at, name)
        os.symlink(target, path, dir_fd=self.below)
        self.own(path, caller)
        return self.entry(at, name)

    def readlink(self, at, _caller, _body):
        return os.readlink(self.tree.path(at), dir_fd=self.below)

    def unlink(self, at, _caller, body):
        os.unlink(self.tree.path(at, body[:-1]), dir_fd=self.below)
        self.tree.removed(at, body[:-1])

    def rmdir(self, at, _caller, body):
        os.rmdir(self.tree.path(at, body[:-1]), dir_fd=self.below)
        self.tree.removed(at, body[:-1])

    def rename(self, at, _caller, body):
        self.move(at, struct.unpack_from("<Q", body)[0], body[8:])

    def rename2(self, at, _caller, body):
        to, flags = struct.unpack_from("<QI", body)
        if flags != 0:
            raise OSError(errno.EINVAL, "flags")
        self.move(at, to, body[16:])

    def move(self, at, to, names):
        old, new = names[:-1].split(b"\0")
        os.rename(self.tree.path(at, old), self.tree.path(to, new), src_dir_fd=self.below, dst_dir_fd=self.below)
        self.tree.renamed(at, old, to, new)

    def link(self, at, _caller, body):
        (old,) = struct.unpack_from("<Q", body)
        name = body[8:-1]
        os.link(
            self.tree.path(old), self.tree.path(at, name),
            src_dir_fd=self.below, dst_dir_fd=self.below, follow_symlinks=False,
        )
        return self.entry(at, name)

    # --- attributes ---

    def getattr(self, at, _caller, _body):
        return attr_out(self.stat(at))

    def setattr(self, at, _caller, body):
        fields = SETATTR.unpack_from(body)
        valid, handle, size = fields[0], fields[2], fields[3]
        where = handle if valid & SET_FH else self.tree.path(at)
        below = {} if valid & SET_FH else {"dir_fd": self.below}
        if valid & SET_SIZE:
            self.truncate(where, size)
        if valid & SET_MODE:
            os.chmod(where, stat.S_IMODE(fields[11]), **below)
        if valid & (SET_UID | SET_GID):
            owner = fields[13] if valid & SET_UID else -1
            group = fields[14] if valid & SET_GID else -1
            os.chown(where, owner, group, **({**below, "follow_symlinks": False} if below else {}))
        if valid & (SET_ATIME | SET_MTIME):
            os.utime(where, ns=self.times(at, valid, fields), **({**below, "follow_symlinks": False} if below else {}))
        return attr_out(os.fstat(handle) if valid & SET_FH else self.stat(at))

    def truncate(self, where, size):
        if isinstance(where, int):
            os.ftruncate(where, size)
            return
        handle = os.open(where, os.O_WRONLY, dir_fd=self.below)
        try:
            os.ftruncate(handle, size)
        finally:
            os.close(handle)

    def times(self, at, valid, fields):
        now, old = time.time_ns(), self.stat(at)
        access, change = old.st_atime_ns, old.st_mtime_ns
        if valid & SET_ATIME:
            access = now if valid & SET_ATIME_NOW else fields[5] * 10**9 + fields[8]
        if valid & SET_MTIME:
            change = now if valid & SET_MTIME_NOW else fields[6] * 10**9 + fields[9]
        return access, change

    def statfs(self, _at, _caller, _body):
        s = os.fstatvfs(self.below)
        numbers = (s.f_blocks, s.f_bfree, s.f_bavail, s.f_files, s.f_ffree, s.f_bsize, s.f_namemax, s.f_frsize)
        return struct.pack("<QQQQQIIII24x", *numbers, 0)

    # --- files ---

    def opened(self, at, path, flags, mode=0):
        # The kernel appends and truncates by itself; it may have to read what is only written.
        flags &= ~(os.O_APPEND | os.O_DIRECT | os.O_NOFOLLOW)
        handle = os.open(path, flags, mode, dir_fd=self.below)
        with self.tree.lock:
            self.tree.nodes[at].handles.add(handle)
        return handle

    def open(self, at, _caller, body):
        (flags,) = struct.unpack_from("<I", body)
        handle = self.opened(at, self.tree.path(at), flags & ~(os.O_CREAT | os.O_EXCL | os.O_TRUNC))
        return struct.pack("<QII", handle, KEEP_CACHE, 0)

    def create(self, at, caller, body):
        flags, mode = struct.unpack_from("<II", body)
        name = body[16:-1]
        path = self.tree.path(at, name)
        handle = os.open(path, (flags | os.O_CREAT) & ~(os.O_APPEND | os.O_DIRECT), stat.S_IMODE(mode), dir_fd=self.below)
        os.fchown(handle, *caller)
        entry = self.entry(at, name)
        with self.tree.lock:
            self.tree.nodes[struct.unpack_from("<Q", entry)[0]].handles.add(handle)
        return entry + struct.pack("<QII", handle, KEEP_CACHE, 0)

    def read(self, _at, _caller, body):
        handle, offset, size = READ_IN.unpack_from(body)[:3]
        return os.pread(handle, size, offset)

    def write(self, _at, _caller, body):
        handle, offset, size = WRITE_IN.unpack_from(body)[:3]
        return struct.pack("<II", os.pwrite(handle, memoryview(body)[40 : 40 + size], offset), 0)

    def fallocate(self, _at, _caller, body):
        handle, offset, length, mode = struct.unpack_from("<QQQI", body)
        arguments = (ctypes.c_int(handle), ctypes.c_int(mode), ctypes.c_int64(offset), ctypes.c_int64(length))
        if libc.fallocate(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "fallocate")

    def fsync(self, _at, _caller, body):
        handle, flags = struct.unpack_from("<QI", body)
        (os.fdatasync if flags & 1 else os.fsync)(handle)

    def release(self, at, _caller, body):
        (handle,) = struct.unpack_from("<Q", body)
        with self.tree.lock:
            node = self.tree.nodes.get(at)
            if node is not None:
                node.handles.discard(handle)
        os.close(handle)

    # --- folders ---

    def opendir(self, at, _caller, _body):
        folder = os.open(self.tree.path(at), os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.below)
        try:
            with os.scandir(folder) as found:
                kinds = [(os.fsencode(one.name), stat.S_IFMT(one.stat(follow_symlinks=False).st_mode) >> 12, one.inode()) for one in found]
        finally:
            os.close(folder)
        with self.tree.lock:
            self.last_listing += 1
            self.listings[self.last_listing] = [(b".", 4, 1), (b"..", 4, 1), *kinds]
            return struct.pack("<QII", self.last_listing, 0, 0)

    def readdir(self, _at, _caller, body):
        listing, offset, size = READ_IN.unpack_from(body)[:3]
        out = bytearray()
        for index, (name, kind, inode) in enumerate(self.listings[listing][offset:], offset + 1):
            record = struct.pack("<QQII", inode, index, len(name), kind) + name
            record += b"\0" * (-len(record) % 8)
            if len(out) + len(record) > size:
                break
            out += record
        return bytes(out)

    def releasedir(self, _at, _caller, body):
        self.listings.pop(struct.unpack_from("<Q", body)[0], None)

    def fsyncdir(self, at, _caller, _body):
        folder = os.open(self.tree.path(at), os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.below)
        try:
            if at == ROOT:
                libc.syncfs(folder)
            else:
                os.fsync(folder)
        finally:
            os.close(folder)

    def init(self, _at, _caller, body):
        _major, _minor, readahead, offered = struct.unpack_from("<IIII", body)
        asynchronous, big_writes, parallel_folders, max_pages = 1, 1 << 5, 1 << 18, 1 << 22
        flags = offered & (asynchronous | big_writes | parallel_folders | max_pages)
        numbers = (7, 31, readahead, flags, 64, 48, MAX_WRITE, 1, MAX_WRITE // 4096, 0)
        return struct.pack("<IIIIHHIIHH32x", *numbers)


def attributes(s):
    nanoseconds = (s.st_atime_ns % 10**9, s.st_mtime_ns % 10**9, s.st_ctime_ns % 10**9)
    seconds = (s.st_atime_ns // 10**9, s.st_mtime_ns // 10**9, s.st_ctime_ns // 10**9)
    rest = (s.st_mode, s.st_nlink, s.st_uid, s.st_gid, s.st_rdev, s.st_blksize, 0)
    return ATTR.pack(s.st_ino, s.st_size, s.st_blocks, *seconds, *nanoseconds, *rest)


def attr_out(found):
    return struct.pack("<QII", VALID_SECONDS, 0, 0) + attributes(found)


class Settings:
    """The fault in force, if any."""

    def __init__(self):
        self.lock = threading.Lock()
        self.version = None
        self.fault = None

    def now(self):
        try:
            found = os.stat(SETTINGS)
            version = (found.st_ino, found.st_mtime_ns)
        except FileNotFoundError:
            version = None
        if version != self.version:
            with self.lock:
                if version != self.version:
                    self.adopt(version)
        return self.fault

    def adopt(self, version):
        text = None
        if version is not None:
            try:
                with open(SETTINGS, encoding="utf-8") as file:
                    text = file.read()
            except FileNotFoundError:
                version = None
        self.fault = None if text is None else json.loads(text)
        if text is not None:
            with open(SETTINGS + ".seen.new", "w", encoding="utf-8") as file:
                file.write(text)
            os.rename(SETTINGS + ".seen.new", SETTINGS + ".seen")
        elif os.path.exists(SETTINGS + ".seen"):
            os.unlink(SETTINGS + ".seen")
        # Last: the harness hears that it is in force, and finds the file.
        self.version = version


class Gate:
    """Holds requests back, in the order in which they came."""

    def __init__(self, settings, carry_out):
        self.settings = settings
        self.carry_out = carry_out
        self.held = []
        self.order = 0
        self.free_at = 0.0
        self.change = threading.Condition()
        threading.Thread(target=self.release, daemon=True).start()

    def hold(self, fault, request, size):
        now = time.monotonic()
        with self.change:
            due = float("inf")
            if not fault.get("stall"):
                rate = fault.get("bytesPerSecond")
                self.free_at = max(now, self.free_at) + (size / rate if rate else 0)
                due = self.free_at + fault.get("delayMs", 0) / 1000
            self.order += 1
            heapq.heappush(self.held, (due, self.order, fault, request))
            self.change.notify()

    def release(self):
        while True:
            with self.change:
                while not self.held:
                    self.change.wait()
                fault = self.settings.now()
                due, _, held_by, request = self.held[0]
                wait = due - time.monotonic()
                if held_by is fault and wait > 0:
                    self.change.wait(min(wait, POLL_SECONDS))
                    continue
                heapq.heappop(self.held)
                if held_by is not fault:
                    self.free_at = 0.0
            self.carry_out(request)


class Server:
    def __init__(self, device, layer):
        self.device, self.layer = device, layer
        self.settings = Settings()
        self.gate = Gate(self.settings, self.carry_out)

    def serve(self):
        while True:
            try:
                request = os.read(self.device, BUFFER_BYTES)
            except OSError as error:
                if error.errno in (errno.EINTR, errno.EAGAIN, errno.ENOENT):
                    continue
                # ENODEV: unmounted.
                os._exit(0)
            self.meet(request)

    def meet(self, request):
        header = IN_HEADER.unpack_from(request)
        # An fsync of the mount point itself is the harness's way to flush the whole disk; no fault concerns it.
        kind = None if header[1] == FSYNCDIR and header[3] == ROOT else CLASSES.get(header[1])
        fault = self.settings.now()
        if fault is None or kind is None or kind not in fault["operations"]:
            self.carry_out(request)
        elif fault.get("error"):
            self.answer(header[2], -errno.EIO)
        elif fault.get("lie"):
            self.answer(header[2], 0)
        else:
            self.gate.hold(fault, request, sizeof(header[1], request))

    def carry_out(self, request):
        length, opcode, unique, node, uid, gid, _pid, _ext, _pad = IN_HEADER.unpack_from(request)
        call = self.layer.calls.get(opcode)
        error, out = 0, b""
        if call is None:
            error = -errno.ENOSYS
        else:
            try:
                out = call(node, (uid, gid), request[40:length]) or b""
            except OSError as failure:
                error = -(failure.errno or errno.EIO)
            except KeyError:
                error = -errno.ESTALE
        if opcode not in WITHOUT_ANSWER:
            self.answer(unique, error, out)

    def answer(self, unique, error, out=b""):
        try:
            os.write(self.device, OUT_HEADER.pack(16 + len(out), error, unique) + out)
        except OSError as failure:
            # ENOENT: the kernel does not wait for it any more.
            if failure.errno != errno.ENOENT:
                raise


def sizeof(opcode, request):
    if opcode == READ:
        return READ_IN.unpack_from(request, 40)[2]
    return len(request) if opcode == WRITE else 0


def mount(device):
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions"
    if libc.mount(b"forkpoint", os.fsencode(FOLDER), b"fuse.forkpoint", 0, options.encode()) != 0:
        number = ctypes.get_errno()
        sys.exit(f"{FOLDER}: mount of a FUSE file system: {os.strerror(number)}")


def be_fast():
    """A disk does not wait for a processor. On a busy machine this is ten times faster; only root may ask for it."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pass


def main():
    # By this name no fault takes it for Patroni, which is Python too.
    with open("/proc/self/comm", "w", encoding="ascii") as file:
        file.write(NAME)
    os.umask(0)
    below = os.open(FOLDER, os.O_RDONLY | os.O_DIRECTORY)
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        sys.exit(f"/dev/fuse: {error.strerror}")
    mount(device)
    if os.fork() != 0:
        os._exit(0)
    os.setsid()
    be_fast()
    os.chdir("/")
    null = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    server = Server(device, Layer(below))
    for _ in range(THREADS - 1):
        threading.Thread(target=server.serve, daemon=True).start()
    server.serve()


main()
