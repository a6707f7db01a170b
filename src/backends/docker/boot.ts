import path from 'node:path';
import type { BootOptions } from '../../contracts/backend.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import { ClusterError, EnvironmentError, messageOf, ScenarioError } from '../../std/errors.ts';
import { dynamicConfig, requireSupport } from '../../patroni/dynamic-config.ts';
import { untilInForce } from '../../patroni/in-force.ts';
import { logicalSlotsIn, untilSlotsCopied } from '../../patroni/logical-slots.ts';
import {
  configure,
  untilEtcdHealthy,
  untilPatroniAnswers,
  untilStreaming,
} from '../../patroni/readiness.ts';
import { clusterFacts } from '../../scenario/own-patroni/settle.ts';
import { clusterOf, etcdMembers, patroniMembers } from './cluster.ts';
import type { Parts } from './parts.ts';
import type { Box } from './containers.ts';
import { type DeathWatch, watchDeaths } from './death-watch.ts';
import { blameEnded } from './ended.ts';
import { requirePostgres } from '../../pg/require-postgres.ts';
import { openEngine } from '../../shells/docker/engine.ts';
import { mostNodes } from './layout.ts';
import { cleanAbandoned, removeRun } from './leftovers.ts';
import { collectLogs, lastLines, patroniLog } from './logs.ts';
import { requireEngine } from './preflight.ts';
import { startCluster } from './start-cluster.ts';

/** Enough lines to include what precedes a traceback of Patroni. */
const culpritLines = 40;
const tailLines = 12;

/** Boots a cluster with a leader and every replica streaming, with the scenario's configuration. */
export async function bootCluster(options: BootOptions): Promise<Cluster> {
  const { id, spec } = options;
  requireNodeCount(spec.nodes);
  const engine = openEngine();
  await requireEngine(engine);
  await cleanAbandoned(engine, options.log.bind(options));
  let parts: Parts | undefined;
  let cluster: Cluster | undefined;
  try {
    parts = await startCluster(engine, options);
    const { own } = parts;
    cluster = { ...clusterOf(options, parts), ...(own && clusterFacts(own)) };
    await bringUpOrSayWhy(parts, cluster, { ...options, spec: own?.spec ?? options.spec });
    return cluster;
  } catch (error) {
    const told = cluster ? error : await blameEnded(engine, id, error);
    await (cluster ? cluster[Symbol.asyncDispose]() : removeRun(engine, id));
    options.signal.throwIfAborted();
    throw told;
  }
}

async function bringUpOrSayWhy(
  parts: Parts,
  cluster: Cluster,
  options: BootOptions,
): Promise<void> {
  requireSupport(options.spec, parts.versions.patroni);
  requirePostgres(parts.versions.postgres, options.leastPostgres);
  await using deaths = watchDeaths(parts.access, [...parts.members, ...parts.dcs]);
  try {
    await bringUp(parts, cluster, { ...options, deaths });
  } catch (error) {
    if (options.signal.aborted) throw error;
    throw await describeFailure(parts, options, await deaths.blame(error));
  }
}

/** In order of dependency. */
async function bringUp(
  parts: Parts,
  cluster: Cluster,
  options: BootOptions & { readonly deaths: DeathWatch },
): Promise<void> {
  const { versions, members } = parts;
  const { deaths } = options;
  const signal = AbortSignal.any([options.signal, deaths.signal]);
  const wanted = dynamicConfig(options.spec);
  await Promise.all([untilEtcdHealthy(etcdMembers(parts), signal), cluster.sink?.start()]);
  options.log(`${versions.dcs}: ${parts.dcs.length} members have a quorum`);
  await startMembers(parts, deaths, signal);
  await untilStreaming(cluster, options.spec, signal);
  options.log(`PostgreSQL ${versions.postgres}: ${members.length} members are up`);
  await configure(patroniMembers(parts), wanted, signal);
  await untilInForce({
    etcd: etcdMembers(parts),
    nodes: cluster.nodes,
    ttl: Number(wanted.ttl),
    signal,
    logOf: () => patroniLog,
  });
  const slots = logicalSlotsIn(wanted);
  await untilSlotsCopied(cluster, slots, signal);
  if (slots.length > 0) await untilStreaming(cluster, options.spec, signal);
  await parts.startProxies?.(signal);
  for (const { route, what, notes } of parts.routes) {
    for (const line of [what, ...notes]) options.log(`route ${route}: ${line}`);
  }
  options.log(`Patroni ${versions.patroni}: every member runs with the scenario's configuration`);
  if (parts.clients.length === 0) {
    options.log(
      'load runs on this host, through published ports: a network partition cannot separate it from nodes',
    );
  }
}

/** Starts the first member alone until it runs its first loop and bootstraps: every cluster begins with the same leader. */
async function startMembers(parts: Parts, deaths: DeathWatch, signal: AbortSignal): Promise<void> {
  const [first, ...others] = parts.members;
  const [patroni] = patroniMembers(parts);
  if (!first || !patroni) return;
  await parts.startPatroni(first);
  deaths.watchPatroni(first);
  await untilPatroniAnswers(patroni, signal);
  await Promise.all(
    others.map(async (box) => {
      await parts.startPatroni(box);
      deaths.watchPatroni(box);
    }),
  );
}

function requireNodeCount(nodes: number): void {
  if (Number.isInteger(nodes) && nodes >= 1 && nodes <= mostNodes) return;
  throw new ScenarioError(`cluster.nodes: ${nodes} is not between 1 and ${mostNodes}`);
}

/** The error with the last log lines of the member that caused it, or of every member. All logs are kept in the run's folder. */
async function describeFailure(
  parts: Parts,
  { directory }: BootOptions,
  { error, culprit }: { readonly error: unknown; readonly culprit: Box | undefined },
): Promise<Error> {
  const { access, members, dcs } = parts;
  const kept = path.join(directory, 'logs');
  await collectLogs(access, [...members, ...dcs], kept).catch(() => undefined);
  const tailsOf = async (boxes: readonly Box[], lines: number) => {
    const tails = await Promise.all(boxes.map((box) => lastLines(access, box, lines)));
    return tails.filter((tail) => tail !== '');
  };
  const said = culprit ? await tailsOf([culprit], culpritLines) : await tailsOf(members, tailLines);
  // etcd logs a lot, and is the cause only if no other program logged anything.
  const tails = said.length > 0 ? said : await tailsOf(dcs, tailLines);
  const message = `the cluster did not boot: ${messageOf(error).replace(/\.$/, '')}. All logs: ${kept}\n${tails.join('\n')}`;
  return error instanceof EnvironmentError
    ? new EnvironmentError(message, { cause: error })
    : new ClusterError(message, { cause: error });
}
