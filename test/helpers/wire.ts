import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import type { FaultContext, Undo } from '../../src/contracts/fault.ts';
import type { Json } from '../../src/contracts/json.ts';
import { loadRegistry } from '../../src/registry.ts';
import { applyUndo } from '../../src/nemesis/apply-undo.ts';

const { faults } = await loadRegistry('');
let injections = 0;

export interface Harm {
  readonly detail: Json;
  heal(): Promise<void>;
}

/** Injects a fault on a real cluster, as a scenario's step would. */
export async function harm(
  cluster: Cluster,
  name: string,
  params: Readonly<Record<string, unknown>>,
  targets: readonly string[],
): Promise<Harm> {
  injections += 1;
  const fault = faults.get(name)!;
  const parsed = fault.params.safeParse(params);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  const undos: Undo[] = [];
  const { signal } = new AbortController();
  const context: FaultContext = {
    cluster,
    signal,
    id: `${name}#${injections}`,
    random: () => 0.5,
    load: {
      acknowledged: 0,
      batch: 1,
      hold: () => Promise.resolve(),
      allow: (operations) => Promise.resolve(operations),
      resume: () => Promise.resolve(),
    },
    undo: (step) => void undos.unshift(step),
  };
  const heal = async () => {
    for (const step of undos) await applyUndo(step, { cluster, signal });
  };
  const aimedAt = cluster.nodes.filter((node) => targets.includes(node.name));
  try {
    return { detail: await fault.inject(aimedAt, parsed.data, context), heal };
  } catch (error) {
    await heal();
    throw error;
  }
}

/** Runs a Python program on a node or at a client site. Returns its output. */
export type Place = (program: string, ...args: readonly string[]) => Promise<string>;

export function onNode(node: Node): Place {
  return async (program, ...args) => {
    const { stdout, stderr } = await node.shell!.run(['python3', '-c', program, ...args]);
    if (stderr !== '') throw new Error(`${node.name}: ${stderr}`);
    return stdout.trim();
  };
}

export function atSite(cluster: Cluster, name: string): Place {
  const { shell } = cluster.sites.find((site) => site.name === name)!;
  return async (program, ...args) =>
    (await shell.run(['python3', '-c', program, ...args])).stdout.trim();
}

const knock = `
import select, socket, sys, time
doors = {}
for door in sys.argv[1:]:
    host, port = door.split(':')
    s = socket.socket(); s.setblocking(False); s.connect_ex((host, int(port))); doors[s] = door
said = {door: 'silent' for door in sys.argv[1:]}
end = time.monotonic() + 0.4
while doors and time.monotonic() < end:
    for s in select.select([], list(doors), [], max(0, end - time.monotonic()))[1]:
        said[doors.pop(s)] = 'reset' if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) else 'open'
print(' '.join(said.values()))`;

/** For each `host:port`: whether a connection opens, is refused at once, or gets no answer in 0.4 s. */
export async function knockAt(from: Place, doors: readonly string[]): Promise<readonly string[]> {
  return (await from(knock, ...doors)).split(' ');
}

const roundTrips = `
import socket, sys, time
times = []
for _ in range(int(sys.argv[3])):
    start = time.monotonic()
    try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 20).close()
    except ConnectionRefusedError: pass
    times.append((time.monotonic() - start) * 1000)
print(' '.join(f'{t:.2f}' for t in times))`;

/** Milliseconds until a connection was open or refused, each time: one round trip. */
export async function roundTripsMs(
  from: Place,
  host: string,
  { port = 5432, count = 10 }: { readonly port?: number; readonly count?: number } = {},
): Promise<readonly number[]> {
  return (await from(roundTrips, host, `${port}`, `${count}`)).split(' ').map(Number);
}

// Both ends signal by files that they are ready and done: a lab's nodes share one file system. Waiting by the clock
// would measure how busy this machine is.
const receive = `
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('0.0.0.0', 7001)); s.settimeout(0.2)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
open(sys.argv[1] + '/ready', 'w').close(); got = []
while True:
    isDone = os.path.exists(sys.argv[1] + '/done')
    try: got.append(s.recv(100).decode())
    except TimeoutError:
        if isDone: break
print(' '.join(got))`;
const send = `
import os, socket, sys, time
end = time.monotonic() + 15
while not os.path.exists(sys.argv[3] + '/ready') and time.monotonic() < end: time.sleep(0.02)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[2])):
    try: s.sendto(b'%d' % i, (sys.argv[1], 7001))
    except PermissionError: pass
    time.sleep(0.0005)
open(sys.argv[3] + '/done', 'w').close()`;

/** Numbers of the datagrams that arrived, in the order of arrival. One way only, without answers. */
export async function datagrams(
  from: Place,
  to: { readonly place: Place; readonly host: string },
  count: number,
): Promise<readonly number[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-wire-'));
  try {
    const sending = from(send, to.host, `${count}`, folder);
    const [arrived] = await Promise.all([to.place(receive, folder), sending]);
    return arrived === '' ? [] : arrived.split(' ').map(Number);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sink = `
import socket, time
s = socket.create_server(('0.0.0.0', 7002)); s.settimeout(20); c, _ = s.accept(); total = 0; start = time.monotonic()
while part := c.recv(1 << 20): total += len(part)
print(total / (time.monotonic() - start))`;
const pour = `
import socket, sys, time
end = time.monotonic() + 15
while True:
    try: s = socket.create_connection((sys.argv[1], 7002), 15); break
    except ConnectionRefusedError:
        if time.monotonic() > end: raise
        time.sleep(0.05)
s.settimeout(30)
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end: s.sendall(bytes(65536))
s.close()`;

/** Bytes per second over one connection. */
export async function bytesPerSecond(
  from: Place,
  to: { readonly place: Place; readonly host: string },
  seconds = 1,
): Promise<number> {
  const [rate] = await Promise.all([to.place(sink), from(pour, to.host, `${seconds}`)]);
  return Number(rate);
}
