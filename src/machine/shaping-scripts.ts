import type { Shape } from '../contracts/cluster.ts';

/** Forkpoint's own handles, to recognise a shape that is not its own. */
const root = 'f0f0:';
const free = 'f0f0:1';
const held = 'f0f0:2';
const limiter = 'f0f2:';
const delayer = 'f0f3:';
/** A lab's only network card. */
export const labDevice = 'eth0';
const tap = 'fprelay';

/** A node's traffic that is never shaped, as tc's u32 matches: the harness's connections to it. */
export type Exempt = readonly string[];

/** What is shaped. */
export interface Card {
  readonly device: string;
  readonly exempt: Exempt;
  /** False: nothing but the kernel's own queues may stand in for what it lacks. */
  readonly hasRelay: boolean;
}

/** The sum of all tags. */
export interface Total {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond?: number;
}

/** Delays add up, the lowest rate counts. Undefined: no shaping. */
export function totalOf(shapes: readonly Shape[]): Total | undefined {
  const sum = (read: (shape: Shape) => number | undefined) =>
    shapes.reduce((total, shape) => total + (read(shape) ?? 0), 0);
  const rates = shapes.flatMap(({ bytesPerSecond }) => bytesPerSecond ?? []);
  const delays = {
    delayMs: sum(({ delayMs }) => delayMs),
    jitterMs: sum(({ jitterMs }) => jitterMs),
  };
  if (rates.length > 0) return { ...delays, bytesPerSecond: Math.min(...rates) };
  return delays.delayMs > 0 || delays.jitterMs > 0 ? delays : undefined;
}

// The shapes of a node's tags are stored on the node, one file each, so that a later heal knows what else is in force.
/** Shell: folder, file and text of a tag -> writes it and prints every tag's. */
export const writeTagScript = `mkdir -p "$1" && printf '%s\\n' "$3" >"$1/$2.tag" && cat "$1"/*.tag`;
/** Shell: folder and file of a tag -> removes it and prints the content of the others; 'none' if none was ever written. */
export const removeTagScript = `
  [ -d "$1" ] || { echo none; exit 0; }
  rm -f "$1/$2.tag"
  cat "$1"/*.tag 2>/dev/null || true`;

const stopRelay = `
stop_relay() {
  pid=$(cat "$1/relay.pid" 2>/dev/null) || return 0
  grep -q ${tap} "/proc/$pid/cmdline" 2>/dev/null || { rm -f "$1/relay.pid"; return 0; }
  kill -TERM "$pid"
  tries=0
  while [ -e "$1/relay.pid" ] && [ $tries -lt 60 ]; do sleep 0.05; tries=$((tries + 1)); done
  [ ! -e "$1/relay.pid" ] || { echo "the relay, process $pid, does not end" >&2; exit 1; }
}`;

/** Shell: folder and file of a tag -> 'yes' if the tag exists and its queues, or the relay, are in place; else 'no'. */
export const holdsScript = (device: string): string => `set -eu
  [ -e "$1/$2.tag" ] || { echo no; exit 0; }
  asked=$(cat "$1/$2.tag")
  shown=$(tc qdisc show dev ${device})
  has() { case $shown in *"qdisc $1 "*) return 0 ;; *) return 1 ;; esac; }
  relays() { pid=$(cat "$1/relay.pid" 2>/dev/null) && grep -q ${tap} "/proc/$pid/cmdline" 2>/dev/null; }
  has 'htb ${root}' || { echo no; exit 0; }
  case $asked in *bytesPerSecond*) has 'tbf ${limiter}' || { echo no; exit 0; } ;; esac
  case $asked in *delayMs*|*jitterMs*) has 'netem ${delayer}' || relays "$1" || { echo no; exit 0; } ;; esac
  echo yes`;

/** Shell: folder -> shaping ends. Harmless if there was none, and if the shape is not Forkpoint's. */
export const clearShapeScript = (device: string): string => `${stopRelay}
  stop_relay "$1"
  if tc qdisc show dev ${device} | grep -q '^qdisc htb ${root} '; then tc qdisc del dev ${device} root; fi
  rm -rf "$1"`;

/**
 * Shell: folder and the relay's program -> exactly this shape is in force; prints its means, one a line.
 * netem if the kernel has it, else the relay. Fails with the message of tc or the relay.
 */
export function applyShapeScript(total: Total, { device, exempt, hasRelay }: Card): string {
  const isDelayed = total.delayMs > 0 || total.jitterMs > 0;
  return [
    stopRelay,
    ...['set -eu', 'command -v tc >/dev/null || { echo "no tc (iproute2)" >&2; exit 1; }'],
    `tc qdisc show dev ${device} | grep -q '^qdisc htb ${root} ' || {`,
    ...classes(device, exempt),
    '}',
    // Two queues can be swapped only if nothing else hangs below them: netem inside the limiter, or alone.
    `if tc qdisc show dev ${device} | grep -q '^qdisc netem ${delayer}'; then`,
    `  tc qdisc del dev ${device} parent ${held}`,
    'fi',
    ...limit(device, total.bytesPerSecond),
    ...(isDelayed ? delay(total, { device, hasRelay }) : ['stop_relay "$1"']),
  ].join('\n');
}

/** One class for exempt traffic and one for the rest; a rate above any virtual link is no limit. */
function classes(device: string, exempt: Exempt): readonly string[] {
  const unlimited = 'htb rate 10gbit quantum 60000';
  return [
    "tc -batch - <<'END'",
    `qdisc add dev ${device} root handle ${root} htb default 2`,
    ...[free, held].map(
      (id) => `class add dev ${device} parent ${root} classid ${id} ${unlimited}`,
    ),
    ...exempt.map((match) => `filter add dev ${device} parent ${root} ${match} flowid ${free}`),
    'END',
  ];
}

/** A queue of 200 ms, as in a router with a sane buffer; at least one frame must fit into the bucket. */
function limit(device: string, bytesPerSecond: number | undefined): readonly string[] {
  const parent = `dev ${device} parent ${held}`;
  if (bytesPerSecond === undefined) return [`tc qdisc del ${parent} 2>/dev/null || true`];
  const burst = Math.max(4096, Math.round(bytesPerSecond / 100));
  const rate = `rate ${Math.round(bytesPerSecond * 8)}bit burst ${burst} latency 200ms`;
  return [`tc qdisc replace ${parent} handle ${limiter} tbf ${rate}`, 'echo tbf'];
}

function delay(
  { delayMs, jitterMs, bytesPerSecond }: Total,
  { device, hasRelay }: Pick<Card, 'device' | 'hasRelay'>,
): readonly string[] {
  const parent = bytesPerSecond === undefined ? held : `${limiter}1`;
  // netem reorders jittered packets, unless it has a rate: then each packet leaves after the one before it.
  const jitter = jitterMs > 0 ? ` ${jitterMs}ms rate 100gbit` : '';
  const netem = `netem limit 100000 delay ${delayMs}ms${jitter}`;
  return [
    `if said=$(tc qdisc add dev ${device} parent ${parent} handle ${delayer} ${netem} 2>&1); then`,
    '  stop_relay "$1"; echo netem',
    'else',
    ...(hasRelay ? [] : ['  echo "no netem ($said)" >&2; exit 1']),
    '  command -v python3 >/dev/null || { echo "no netem ($said), and no python3" >&2; exit 1; }',
    `  echo "${delayMs} ${jitterMs}" >"$1/relay.settings"`,
    `  pid=$(cat "$1/relay.pid" 2>/dev/null) || pid=none`,
    `  if grep -q ${tap} "/proc/$pid/cmdline" 2>/dev/null; then kill -HUP "$pid"; else`,
    // A container has the right to the device, but not its file.
    '    [ -e /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }',
    `    relayed=$(python3 -IS -c "$2" ${device} ${tap} "$1" ${root} ${held} 2>&1) || {`,
    '      echo "no netem ($said), and the relay failed: $relayed" >&2; exit 1; }',
    '  fi',
    '  echo a userspace relay',
    'fi',
  ];
}
