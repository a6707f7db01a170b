import type { CapabilityName } from '../contracts/cluster.ts';
import type { MachineFinding } from '../contracts/finding.ts';
import { ClusterError } from '../std/errors.ts';
import { faketimePackage } from './faketime.ts';
import { probeScript } from './probe-script.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

interface Need {
  readonly neededBy: readonly CapabilityName[];
  /** Whether it is only a part of how this control works, or has a replacement. */
  readonly helps?: CapabilityName;
  /** Debian packages that contain it. */
  readonly packages?: readonly string[];
  readonly remedy?: string;
}

/** What each control needs on a machine; a fact without a control is shown but never required. */
const needs: Readonly<Record<string, Need>> = {
  root: {
    neededBy: ['process', 'network', 'files', 'disk', 'shaping', 'clock', 'power', 'io'],
    remedy: 'its shell must lead there as root',
  },
  signals: { neededBy: ['process', 'power'] },
  iptables: { neededBy: ['network'], packages: ['iptables'] },
  'iptables-restore': { neededBy: ['network'], packages: ['iptables'] },
  nft: { neededBy: [], helps: 'network' },
  tc: { neededBy: ['shaping'], packages: ['iproute2'] },
  htb: { neededBy: ['shaping'], remedy: 'as root: modprobe sch_htb' },
  tbf: { neededBy: ['shaping'], remedy: 'as root: modprobe sch_tbf' },
  // Without it the userspace relay delays packets.
  netem: { neededBy: [], helps: 'shaping' },
  tun: { neededBy: [], helps: 'shaping' },
  python3: { neededBy: ['power', 'io'], helps: 'shaping', packages: ['python3'] },
  'disk tools': { neededBy: ['disk'], packages: ['coreutils', 'util-linux'] },
  'copy tools': { neededBy: ['files'], packages: ['coreutils'] },
  libfaketime: { neededBy: ['clock'], packages: [faketimePackage] },
  fuse: {
    neededBy: ['io'],
    remedy: 'as root: modprobe fuse; a container needs /dev/fuse and CAP_SYS_ADMIN',
  },
  'loop devices': { neededBy: ['power'], remedy: 'as root: modprobe loop' },
  'mkfs.ext4': { neededBy: ['power'], packages: ['e2fsprogs'] },
  bash: { neededBy: [] },
  systemd: { neededBy: [] },
  'cgroup freezer': { neededBy: [] },
};

interface Fact {
  readonly name: string;
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly detail: string;
}

export interface ProbeOptions {
  /** Only for these capabilities; without it, for all. */
  readonly for?: readonly CapabilityName[] | undefined;
  /** Whether the relay may delay packets where the kernel cannot; default: true. */
  readonly hasRelay?: boolean;
  /** libfaketime's path, if it is not Debian's. */
  readonly faketime?: string | undefined;
}

/**
 * Finds out what the controls need and a machine has, by trying it there.
 * Errors: ClusterError when the machine cannot be probed.
 */
export async function probeMachine(
  machine: ShelledMachine,
  options: ProbeOptions = {},
): Promise<readonly MachineFinding[]> {
  const { for: asked, faketime = '', hasRelay = true } = options;
  const words = ` ${asked?.join(' ') ?? 'all'} `;
  const text = await runScript(machine, 'probe of the machine', [probeScript, faketime, words]);
  return findingsOf(machine.name, text, asked, hasRelay);
}

/** Errors: ClusterError when a fact is missing: the script ended early, so the fact is unknown. */
export function findingsOf(
  machine: string,
  text: string,
  asked?: readonly CapabilityName[],
  hasRelay = true,
): readonly MachineFinding[] {
  const facts = new Map(factsIn(text).map((fact) => [fact.name, fact]));
  const expected = Object.entries(needs).filter(([, need]) => isAsked(need, asked));
  const unsaid = expected.filter(([name]) => !facts.has(name)).map(([name]) => name);
  if (unsaid.length > 0) {
    throw new ClusterError(`${machine}: the probe said nothing about ${unsaid.join(', ')}`);
  }
  const each = expected.flatMap(([name, need]) => {
    const fact = facts.get(name);
    return fact ? [findingOf(fact, need)] : [];
  });
  const isShaped = !asked || asked.includes('shaping');
  return isShaped ? [...each, delayFinding(facts, hasRelay)] : each;
}

function isAsked({ neededBy, helps }: Need, asked: readonly CapabilityName[] | undefined): boolean {
  if (!asked) return true;
  return [...neededBy, ...(helps ? [helps] : [])].some((name) => asked.includes(name));
}

/** From the script's lines alone: a machine may print a greeting. */
function factsIn(text: string): readonly Fact[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', answer, detail = ''] = line.split('\t');
    const isFact = Object.hasOwn(needs, name) && isAnswer(answer);
    return isFact ? [{ name, answer, detail: detail.trim() }] : [];
  });
}

function isAnswer(answer: string | undefined): answer is Fact['answer'] {
  return answer === 'yes' || answer === 'no' || answer === 'unknown';
}

/** A fact that could not be tried is not missing: a control that fails reports the reason. */
function findingOf({ name, answer, detail }: Fact, need: Need): MachineFinding {
  const { neededBy, packages = [] } = need;
  const isMissing = answer === 'no' && neededBy.length > 0;
  const isShown = answer === 'no' && neededBy.length === 0;
  const found = {
    name,
    isMissing,
    detail: isShown ? `absent, and not needed: ${detail}` : detail,
    neededBy,
  };
  if (!isMissing) return found;
  const install = packages.length > 0 ? `apt-get install ${packages.join(' ')}` : undefined;
  const remedy = need.remedy ?? install;
  return { ...found, packages, ...(remedy !== undefined && { remedy }) };
}

/** Packets are delayed by netem, or by the relay, which needs a tun device and Python. */
function delayFinding(facts: ReadonlyMap<string, Fact>, hasRelay: boolean): MachineFinding {
  const answer = (name: string) => facts.get(name)?.answer;
  const found = { name: 'delays', neededBy: ['shaping'] as const };
  if (answer('netem') === 'yes') return { ...found, isMissing: false, detail: 'by netem' };
  const canRelay = hasRelay && answer('tun') === 'yes' && answer('python3') === 'yes';
  if (canRelay) {
    const detail = `by a userspace relay (netem: ${facts.get('netem')?.detail ?? ''})`;
    return { ...found, isMissing: false, detail };
  }
  const without = ['netem', 'tun', 'python3']
    .filter((name) => answer(name) !== 'yes')
    .map((name) => `${name}: ${facts.get(name)?.detail ?? ''}`);
  // Bandwidth needs none of these; a fault that delays says so itself.
  const isMissing = hasRelay && answer('netem') === 'no';
  const remedy = hasRelay
    ? 'as root: modprobe sch_netem; or modprobe tun, with python3 installed'
    : 'as root: modprobe sch_netem; without it there is bandwidth, and no latency';
  return {
    ...found,
    isMissing,
    detail: without.join('; '),
    ...(answer('netem') === 'no' && { remedy, isAbsent: true }),
  };
}
