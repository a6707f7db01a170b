import type { CapabilityName } from '../../contracts/cluster.ts';
import { rewindsScript } from '../../machine/foreign-rewind.ts';
import { runScript } from '../../machine/run-script.ts';
import { messageOf } from '../../std/errors.ts';
import { examineDisks } from './examine-disks.ts';
import { examineProcesses } from './examine-processes.ts';
import type { MachineFacts } from './machine-facts.ts';
import type { Machines } from './machines.ts';
import { type ExternalParams, machineHarms } from './params.ts';

/**
 * Why the machines cannot be harmed as a plan needs it, one sentence each; empty: they can. Runs commands that only read.
 * A probe of each control comes later; this is what must hold for all of them.
 */
export async function examineMachines(
  machines: Machines,
  { consent }: Pick<ExternalParams, 'consent'>,
  needs: readonly CapabilityName[],
): Promise<readonly string[]> {
  const used = consent.filter((harm) => machineHarms.includes(harm) && needs.includes(harm));
  if (used.length === 0) return [];
  const asked = await Promise.all(
    machines.metBy(needs).map(async (name) => {
      try {
        return { name, facts: await machines.facts(name) };
      } catch (error) {
        return { name, problem: messageOf(error) };
      }
    }),
  );
  const found = asked.flatMap(({ name, facts }) => (facts ? [{ name, facts }] : []));
  const problems = [
    ...asked.flatMap(({ problem }) => problem ?? []),
    ...found.flatMap((one) => unfit(one)),
    ...twice(found),
  ];
  if (problems.length > 0) return problems;
  const more = await Promise.all([
    ...(needs.includes('process') ? machines.nodes.map((name) => processesOf(name, machines)) : []),
    ...(needs.includes('disk') ? machines.nodes.map((name) => disksOf(name, machines)) : []),
    ...(needs.includes('shaping') ? machines.names.map((name) => cardOf(name, machines)) : []),
    ...(needs.includes('rewind') ? machines.nodes.map((name) => rewindOf(name, machines)) : []),
    needs.includes('network') ? pathsOf(machines) : [],
  ]);
  return more.flat();
}

async function processesOf(name: string, machines: Machines): Promise<readonly string[]> {
  const shell = machines.shell(name);
  const hasPatroni = machines.access(name)?.rest !== undefined;
  return shell ? examineProcesses({ name, shell }, { hasPatroni }) : [];
}

async function disksOf(name: string, machines: Machines): Promise<readonly string[]> {
  const shell = machines.shell(name);
  const access = machines.access(name);
  return shell && access ? examineDisks({ name, shell }, access) : [];
}

/** The right to mount is bit 21. Source: linux/capability.h, CAP_SYS_ADMIN. */
const mayMountScript = `rights=0x$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
[ $((rights >> 21 & 1)) = 1 ] || echo 'its shell may not mount there (CAP_SYS_ADMIN), and pg_rewind is held by a file that is mounted over it'
command -v awk >/dev/null || echo 'awk is missing there, by which a hold of pg_rewind is found'
found=$(${rewindsScript})
case $found in
  '') echo 'no PostgreSQL with a pg_rewind beside it runs there' ;;
  *[[:space:]]*) echo "more than one PostgreSQL runs there:" $found ;;
esac`;

async function rewindOf(name: string, machines: Machines): Promise<readonly string[]> {
  const shell = machines.shell(name);
  if (!shell) return [];
  try {
    const said = await runScript({ name, shell }, 'its pg_rewind', [mayMountScript]);
    return said.split('\n').flatMap((line) => (line === '' ? [] : [`${name}: ${line}`]));
  } catch (error) {
    return [messageOf(error)];
  }
}

/** Queues that an administrator made have a handle; the kernel's own have 0. */
const queueScript = `tc qdisc show dev "$1" root 2>/dev/null | grep -v ' 0: ' | grep -v ' f0f0: ' || true`;

async function cardOf(name: string, machines: Machines): Promise<readonly string[]> {
  const shell = machines.shell(name);
  const { device } = await machines.facts(name);
  if (!shell || device === undefined)
    return [`${name}: no network card with its address was found`];
  try {
    const said = await runScript({ name, shell }, 'its queues', [queueScript, device]);
    if (said.trim() === '') return [];
    return [`${name}: ${device} has queues of its own, which stay as they are: ${said.trim()}`];
  } catch (error) {
    return [messageOf(error)];
  }
}

function pathsOf(machines: Machines): Promise<readonly string[]> {
  return machines.before().then(
    () => [],
    (error: unknown) => [messageOf(error)],
  );
}

interface Found {
  readonly name: string;
  readonly facts: MachineFacts;
}

function unfit({ name, facts }: Found): readonly string[] {
  return [
    ...(facts.uid === 0
      ? []
      : [
          `${name}: its shell runs commands as user ${facts.uid}, and faults need root; log in as root, or put sudo, -n at its end`,
        ]),
    ...(facts.hasBash
      ? []
      : [`${name}: no bash there, and its dead-man timer is a script for it: install bash`]),
  ];
}

/** Two nodes on one machine: what is done to one would be done to the other. */
function twice(found: readonly Found[]): readonly string[] {
  return found.flatMap(({ name, facts }, index) => {
    const other = found.slice(0, index).find((one) => one.facts.identity === facts.identity);
    if (!other) return [];
    return [
      `${other.name} and ${name}: their shells lead to one machine (the same kernel and network), so a fault on one would hit both; give each its own shell`,
    ];
  });
}
