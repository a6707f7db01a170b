import { z } from 'zod';
import type { BootOptions } from '../../contracts/backend.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { EnvironmentError, ScenarioError } from '../../std/errors.ts';
import { accessesOf } from './access.ts';
import { clusterOf, type ExternalCluster } from './cluster.ts';
import { paramsOf } from './describe.ts';
import { differencesOf, readRunning } from './differences.ts';
import { holdCluster } from './exclusive.ts';
import { examine } from './examine.ts';
import { examineAccess } from './examine-access.ts';
import { examineMachines } from './examine-machines.ts';
import { examineSite } from './examine-site.ts';
import { Machines } from './machines.ts';
import { routeEntries } from './routes.ts';
import { externalParams } from './params.ts';

interface ConnectOptions extends Pick<BootOptions, 'id' | 'signal' | 'log' | 'needs' | 'routes'> {
  /** The settings that the scenario was written for. */
  readonly written?: ClusterSpec['writtenFor'];
}

/**
 * Connects to a cluster that exists, and refuses one that a run could harm, or that could not be judged. Nothing is
 * changed there.
 * Errors: ScenarioError or EnvironmentError, a sentence per node with what came back and what to do.
 */
export async function connectCluster(options: BootOptions): Promise<Cluster> {
  const params = paramsOf(options.spec);
  if (!params) throw new ScenarioError('backend external: give the cluster file with --cluster');
  const accesses = await accessesOf(params);
  // A load alone, and a hold of what happens meanwhile, claim nothing about the settings.
  const isClaim = (options.needs ?? []).some((need) => need !== 'rewind');
  const written = isClaim ? options.spec.writtenFor : undefined;
  return connectTo({ params, accesses }, { ...options, log: (line) => options.log(line), written });
}

type KnownCluster = Pick<ExternalCluster, 'params' | 'accesses'> &
  Partial<Pick<ExternalCluster, 'machines' | 'locks'>>;

/** The same, with ways in that were found already. */
export async function connectTo(
  { params, accesses, machines = new Machines(accesses, params), locks }: KnownCluster,
  options: ConnectOptions,
): Promise<Cluster> {
  const { id, signal, log, needs = [], written } = options;
  const asksPatroni = needs.includes('patroni');
  const [found, refused, unable, unfit, differences] = await Promise.all([
    examine(accesses, signal),
    Promise.all(asksPatroni ? accesses.map((access) => examineAccess(access, signal)) : []),
    examineMachines(machines, params, needs),
    examineSite(params),
    written &&
      readRunning(accesses, written, signal).then((running) => differencesOf(written, running)),
  ]);
  const problems = [
    ...found.problems,
    ...refused.filter((why) => why !== undefined),
    ...unable,
    ...unfit,
    ...(differences?.problems ?? []),
  ];
  if (problems.length > 0) {
    const [only = '', ...others] = problems;
    throw new EnvironmentError(
      others.length === 0 ? only : `no run can begin:\n${problems.join('\n')}`,
    );
  }
  const notes = [...found.notes, ...(differences?.notes ?? [])];
  for (const note of notes) log(note);
  const routes = await routeEntries(options.routes ?? [], { params, accesses, signal });
  const hold = await holdCluster(accesses, id, signal);
  const { versions } = found;
  const known = { id, params, accesses, machines, needs, versions, hold, routes, notes };
  return clusterOf({ ...known, ...(locks && { locks }) });
}

/**
 * Connects to the cluster of a dead run, to heal it. It is not examined: after a fault it may be in any state.
 * Errors: ScenarioError for a record that is none, or a secret that cannot be read.
 */
export async function attachCluster(record: unknown): Promise<Cluster> {
  const { id, params } = recordSchema.parse(record);
  return attachTo(id, { params, accesses: await accessesOf(params) });
}

/** The same, with ways in that were found already. */
export function attachTo(
  id: string,
  { params, accesses, machines = new Machines(accesses, params) }: KnownCluster,
): Cluster {
  const versions = { postgres: 'unknown', patroni: 'unknown', dcs: 'unknown' };
  const hold = new AsyncDisposableStack();
  return clusterOf({ id, params, accesses, machines, needs: [], versions, hold });
}

const recordSchema = z.object({ id: z.string(), params: externalParams });
