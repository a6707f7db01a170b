import { appendFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Cluster } from '../../contracts/cluster.ts';
import type { DownstreamSpec, StoredLine } from '../../contracts/downstream.ts';
import type { ConsumerControl } from '../../contracts/fault.ts';
import type { ConsumerProcess, ConsumerProcessOptions } from '../../downstream/consumer-process.ts';
import { downstreamFolder } from '../../evidence/store/read-downstream.ts';
import { placedWorkloads } from '../../load/placed-workloads.ts';
import { tracked } from '../../load/tracked.ts';
import { isFed } from '../../scenario/plan/needed-capabilities.ts';
import { changesRows } from '../../scenario/words/groups.ts';
import { ClusterError, HarnessBug, lacks, messageOf } from '../../std/errors.ts';
import { catchUp, untilDelivered } from './catch-up.ts';
import { foreignName, requireForeign } from './foreign.ts';
import { processOf } from './process-of.ts';
import { readSink } from './read-sink.ts';
import { onPrimary } from './reader-on.ts';
import { publish, seedSlot } from './seed-slots.ts';
import type { FollowedRun, Running } from './running.ts';
import { requireIdentity } from './require-identity.ts';
import { sinkPlaceOf } from './sink-place.ts';
import { sinkQueryOf, type SourceTable } from './sink-query.ts';
import { subscribe } from './subscribe.ts';

/** The run's consumers. Disposing them kills those that have a process. */
export interface Consumers extends ConsumerControl, AsyncDisposable {
  /** Waits until each has delivered all there is, or has stopped; ends them, and keeps what their sinks hold. */
  readBack(): Promise<void>;
  /** Keeps what their sinks hold now. */
  readSinks(): Promise<void>;
}

/** Publishes the run's tables, makes the slots and starts the consumers. Undefined where the scenario has none. */
export async function startConsumers(
  run: FollowedRun,
  cluster: Cluster,
): Promise<Consumers | undefined> {
  const { plan, options, id: runId, directory } = run;
  if (!plan.scenario.downstream) return undefined;
  const downstream = plan.scenario.downstream.map((spec) => placedSpec(spec, { run, cluster }));
  const sources = placedWorkloads(plan, runId, options.registry).map(
    ({ workload, load, context }): SourceTable => {
      return { schema: context.schema, table: tracked(workload).table(load.params).name };
    },
  );
  const hasChanges = changesRows(plan.scenario.load);
  const folder = path.join(directory, downstreamFolder);
  const running = new Map<string, Running>();
  const started = new RunningConsumers({ run, cluster, folder, sources, running });
  try {
    await using session = await onPrimary(cluster, options.signal);
    if (hasChanges) await requireIdentity(session, sources);
    if (cluster.foreign && downstream.some(isFed)) {
      const { site } = plan.scenario.load;
      await requireForeign(
        session,
        cluster.sites.find(({ name }) => name === site),
      );
    }
    for (const spec of downstream) {
      const own = path.join(folder, spec.name);
      const place = await sinkPlaceOf(spec, { cluster, own });
      const publication = publicationOf(spec, cluster);
      if (isFed(spec)) await publish(session, publication, { consumer: spec.name, sources });
      const start = await seedSlot(session, spec, { run, cluster });
      const secondOwn = path.join(own, 'second');
      await mkdir(secondOwn, { recursive: true });
      const file = `${own}.jsonl`;
      const around = { run, cluster, publication, start, place };
      const line = lineInto(file, spec.name, run);
      const isProcess = spec.consumer === 'cdc' || spec.command !== undefined;
      const process = isProcess ? processOf(spec, { ...around, line, folder: own }) : undefined;
      const ofSecond = asSecond(line);
      const second = isProcess
        ? processOf(spec, { ...around, line: ofSecond, folder: secondOwn })
        : undefined;
      running.set(spec.name, { spec, place, query: sinkQueryOf(spec, sources), process, second });
      if (spec.consumer === 'subscription') {
        const sink = cluster.sink ?? lacks({ name: cluster.id }, 'sink');
        const what = { sources, publication, hasChanges };
        await subscribe(spec, what, { primary: session, cluster, sink });
      }
      await process?.start();
    }
    return started;
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

/** Empty: it is not ours to make. */
function publicationOf(spec: DownstreamSpec, { foreign }: Pick<Cluster, 'foreign'>): string {
  if (!isFed(spec)) return '';
  return foreign && spec.slot !== undefined ? spec.slot : `forkpoint_${spec.name}`;
}

/** In a cluster that is not ours its slot has the name of the run, so that it is found, and is none that was there. */
function placedSpec(
  spec: DownstreamSpec,
  { run, cluster }: { readonly run: FollowedRun; readonly cluster: Cluster },
): DownstreamSpec {
  return cluster.foreign && isFed(spec) ? { ...spec, slot: foreignName(run.id, spec.name) } : spec;
}

/** Keeps what a consumer says, and tells a person what of it matters. */
function lineInto(
  file: string,
  name: string,
  run: FollowedRun,
): (text: string, line: StoredLine) => void {
  return (text, line) => {
    appendFileSync(file, `${text}\n`);
    run.options.watching?.consumer?.(name, line);
    if (line.type === 'gap') run.note(`consumer ${name}: ${line.why}`);
    else if (line.type === 'stopped' && !line.isAsked) {
      run.note(`consumer ${name} stopped: ${line.why}`);
    }
  };
}

/** Its lines are kept among those of the first process. */
function asSecond(
  line: (text: string, stored: StoredLine) => void,
): ConsumerProcessOptions['line'] {
  return (_text, said) => {
    const stored: StoredLine = { ...said, isSecond: true };
    line(JSON.stringify(stored), stored);
  };
}

interface All {
  readonly run: FollowedRun;
  readonly cluster: Cluster;
  /** Of all consumers' files. */
  readonly folder: string;
  readonly sources: readonly SourceTable[];
  readonly running: ReadonlyMap<string, Running>;
}

class RunningConsumers implements Consumers {
  readonly #all: All;

  constructor(all: All) {
    this.#all = all;
  }

  slotOf(consumer: string): string {
    const { slot } = this.#of(consumer).spec;
    if (slot === undefined) throw new HarnessBug(`no slot of consumer ${consumer} is known`);
    return slot;
  }

  async end(consumer: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const found = this.#process(consumer);
    if (!found.isRunning) {
      const why = found.stopped === undefined ? '' : `: it stopped (${found.stopped})`;
      throw new ClusterError(`consumer ${consumer} does not run, so ${signal} meets nothing${why}`);
    }
    await found.end(signal);
  }

  start(consumer: string): Promise<void> {
    return this.#process(consumer).start();
  }

  freeze(consumer: string): Promise<void> {
    return this.#process(consumer).signal('SIGSTOP');
  }

  async thaw(consumer: string): Promise<void> {
    const found = this.#process(consumer);
    if (found.isRunning) await found.signal('SIGCONT');
  }

  async untilDelivered(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { run, cluster, sources, running } = this.#all;
    await untilDelivered([...running.values()], { run, cluster, sources }, { timeoutMs, signal });
  }

  async startSecond(consumer: string): Promise<void> {
    await this.#of(consumer).second?.start();
  }

  async endSecond(consumer: string): Promise<void> {
    await this.#of(consumer).second?.end('SIGTERM');
  }

  async readBack(): Promise<void> {
    const { run, cluster, sources, running } = this.#all;
    await catchUp([...running.values()], { run, cluster, sources });
    for (const { process } of running.values()) {
      await process?.end('SIGTERM').catch((error: unknown) => run.note(messageOf(error)));
    }
    await this.readSinks();
  }

  async readSinks(): Promise<void> {
    const { run, folder, sources, running } = this.#all;
    for (const [consumer, { place, query }] of running) {
      await readSink(place, { runId: run.id, consumer, sources, query, folder });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = [...this.#all.running.values()].flatMap(({ process, second }) =>
      [process, second].flatMap((one) => (one ? [one.end('SIGKILL')] : [])),
    );
    await Promise.allSettled(ends);
  }

  #of(consumer: string): Running {
    const found = this.#all.running.get(consumer);
    if (!found) throw new HarnessBug(`the run has no consumer ${consumer}`);
    return found;
  }

  #process(consumer: string): ConsumerProcess {
    const { process } = this.#of(consumer);
    if (!process) throw new HarnessBug(`consumer ${consumer} is no process of ours`);
    return process;
  }
}
