import { z } from 'zod';
import type { Machine, ServerProcess, ServerProcessKind } from '../../src/contracts/cluster.ts';
import type { FaultContext, StepFacts } from '../../src/contracts/fault.ts';
import type { Json, SchemaIssue } from '../../src/contracts/json.ts';
import { ClusterError, lacks } from '../../src/std/errors.ts';
import { sqlOf } from './sql.ts';

const kinds = [
  'postmaster',
  'checkpointer',
  'background-writer',
  'walwriter',
  'autovacuum-launcher',
  'archiver',
  'startup',
  'walreceiver',
  'walsender',
  'logical-walsender',
  'backend',
] as const satisfies readonly ServerProcessKind[];

/** The keys that choose processes of a server. */
export const processKeys = {
  /** The kind of process. */
  process: z.enum(kinds),
  /** How many of them, drawn from the seed; absent: every one. */
  count: z.int().min(1).max(10_000).optional(),
  /** Of `backend`: sessions of the load, or of all clients except Patroni and the harness. */
  whose: z.enum(['load', 'everybody']).default('load'),
};

export interface ProcessChoice {
  readonly process: ServerProcessKind;
  readonly count?: number | undefined;
  readonly whose: 'load' | 'everybody';
}

/** One node and the processes that a fault acts on there. */
export interface Chosen {
  readonly node: Machine;
  readonly processes: readonly ServerProcess[];
}

const onlyReplicas: readonly string[] = ['startup', 'walreceiver'];
const onlyPrimaries: readonly string[] = ['walwriter', 'autovacuum-launcher'];
const replicaWords = /^(replica|any-replica|sync-standby|not leader)$/;

/** A process that the target cannot have: known before anything boots. */
export function processProblems(
  { process, count }: ProcessChoice,
  { target, nodes, parameters }: StepFacts,
): readonly SchemaIssue[] {
  const refuse = (message: string) => [{ path: ['process'], message }];
  const isPrimary = target === 'leader' || nodes === 1;
  if (onlyReplicas.includes(process) && isPrimary) {
    return refuse(`a primary has no ${process}, and the target is ${target}`);
  }
  if (onlyPrimaries.includes(process) && replicaWords.test(target)) {
    return refuse(`a replica has no ${process}, and the target is '${target}'`);
  }
  if (process === 'walsender' && nodes === 1) {
    return refuse('a server without replicas has no walsender');
  }
  const settingOf = (name: string, usual: string) =>
    parameters ? (parameters[name] ?? usual) : undefined;
  const isOff = /^(off|no|false|0)$/i;
  if (process === 'archiver' && isOff.test(settingOf('archive_mode', 'off') ?? 'on')) {
    return refuse('there is no archiver without archive_mode: set cluster.parameters.archive_mode');
  }
  if (
    process === 'logical-walsender' &&
    (settingOf('wal_level', 'replica') ?? 'logical') !== 'logical'
  ) {
    return refuse('there is none without wal_level logical: set cluster.parameters.wal_level');
  }
  const isOne = !['walsender', 'logical-walsender', 'backend'].includes(process);
  if (isOne && (count ?? 1) > 1)
    return [{ path: ['count'], message: `a server has one ${process}` }];
  return [];
}

/**
 * Finds the processes on every target, before any is harmed.
 * Errors: ClusterError naming the node, and what runs there, where there are none or fewer than asked for.
 */
export function chooseProcesses(
  targets: readonly Machine[],
  choice: ProcessChoice,
  context: Pick<FaultContext, 'random' | 'signal'>,
): Promise<readonly Chosen[]> {
  return Promise.all(targets.map((node) => chooseOn(node, choice, context)));
}

async function chooseOn(
  node: Machine,
  { process, count, whose }: ProcessChoice,
  { random, signal }: Pick<FaultContext, 'random' | 'signal'>,
): Promise<Chosen> {
  const running = await controlOf(node).servers();
  const ofKind = running.filter(({ kind }) => kind === process);
  const pids = process === 'backend' ? await sessionsOf(node, whose, signal) : undefined;
  const found = ofKind.filter(({ pid }) => pids?.includes(pid) ?? true);
  if (found.length < (count ?? 1))
    throw tooFew(node, { process, count, whose }, { found, running });
  const drawn = found
    .map((one) => ({ one, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, count ?? found.length);
  return { node, processes: drawn.map(({ one }) => one) };
}

function tooFew(
  { name }: Machine,
  { process, count = 1, whose }: ProcessChoice,
  { found, running }: Readonly<Record<'found' | 'running', readonly ServerProcess[]>>,
): ClusterError {
  const which = process === 'backend' && whose === 'load' ? 'backend of the load' : process;
  const fewer = found.length > 0 ? `${found.length}, not ${count}, of ` : 'no ';
  const kindsHere = [...new Set(running.map(({ kind }) => kind))].filter(
    (kind) => kind !== 'other',
  );
  const here =
    kindsHere.length > 0 ? `it has: ${kindsHere.join(', ')}` : 'no process of PostgreSQL';
  return new ClusterError(`${name}: ${fewer}${which} was found; ${here}`);
}

/** Patroni's sessions and ours stay: without them the server would be considered dead, which is another fault. */
const sessions = `
  SELECT pid FROM pg_stat_activity
   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
     AND (application_name LIKE 'forkpoint load%'
          OR ($1 AND application_name NOT LIKE 'forkpoint%' AND application_name NOT LIKE 'Patroni%'))`;

async function sessionsOf(
  node: Machine,
  whose: ProcessChoice['whose'],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const rows = await sqlOf(node).query(sessions, [whose === 'everybody'], { signal });
  return rows.map(({ pid }) => Number(pid));
}

export function controlOf(node: Machine) {
  return node.process ?? lacks(node, 'processes');
}

/** For the journal: each process with its title. */
export function describeChosen(chosen: readonly Chosen[]): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    chosen.map(({ node, processes }) => [
      node.name,
      processes.map(({ pid, kind, title }) => ({ pid, process: kind, title })),
    ]),
  );
}

/** Errors: ClusterError naming those that ended before they were met. */
export async function signalChosen(
  { node, processes }: Chosen,
  signal: Parameters<ReturnType<typeof controlOf>['signalServers']>[1],
): Promise<void> {
  const pids = processes.map(({ pid }) => pid);
  const received = await controlOf(node).signalServers(pids, signal);
  const missed = processes.filter(({ pid }) => !received.includes(pid));
  if (missed.length === 0) return;
  const which = missed.map(({ kind, pid }) => `${kind} ${pid}`).join(', ');
  throw new ClusterError(`${node.name}: ended before ${signal} reached it: ${which}`);
}
