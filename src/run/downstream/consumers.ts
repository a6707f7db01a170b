import { appendFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Cluster, SinkServer } from '../../contracts/cluster.ts';
import type { ConsumerInput, DownstreamSpec } from '../../contracts/downstream.ts';
import type { ConsumerControl } from '../../contracts/fault.ts';
import { ConsumerProcess } from '../../downstream/consumer-process.ts';
import { downstreamFolder } from '../../evidence/store/read-downstream.ts';
import { tracked } from '../../load/tracked.ts';
import { ClusterError, HarnessBug, lacks, messageOf, ScenarioError } from '../../std/errors.ts';
import { lsnDistance } from '../../std/units/lsn.ts';
import { waitUntil } from '../../std/wait.ts';
import { placedWorkloads } from '../../load/placed-workloads.ts';
import type { RunFolder } from '../run-folder.ts';
import { readSink } from './read-sink.ts';
import { onPrimary, seedSlot, type SlotStart } from './seed-slots.ts';

/** From the end of the run's convergence. What is not delivered by then is missing. */
const catchUpMs = 30_000;

/** The run's consumers. Disposing them kills them. */
export interface Consumers extends ConsumerControl, AsyncDisposable {
  /** Waits until each has delivered all there is, or has stopped; ends them, and keeps what their sinks hold. */
  readBack(): Promise<void>;
}

/** Publishes the run's table, makes the slots and starts the consumers. Undefined where the scenario has none. */
export async function startConsumers(
  run: RunFolder,
  cluster: Cluster,
): Promise<Consumers | undefined> {
  const { plan, options, id: runId, directory } = run;
  const { downstream } = plan.scenario;
  if (!downstream) return undefined;
  const sink = cluster.sink ?? lacks({ name: cluster.id }, 'sink');
  const [own] = placedWorkloads(plan, runId, options.registry);
  if (!own) throw new HarnessBug('the load has no workload');
  const { schema } = own.context;
  const table = tracked(own.workload).table(own.load.params).name;
  const folder = path.join(directory, downstreamFolder);
  const processes = new Map<string, Running>();
  const started = new RunningConsumers({
    run,
    cluster,
    sink,
    folder,
    processes,
    relation: `${schema}.${table}`,
  });
  try {
    await using session = await onPrimary(cluster, options.signal);
    for (const spec of downstream) {
      const start = await seedSlot(session, spec, { schema, table });
      const own = path.join(folder, spec.name);
      const secondOwn = path.join(own, 'second');
      await mkdir(secondOwn, { recursive: true });
      const around = { run, cluster, sink, start, file: `${own}.jsonl` };
      const consumer = consumerOf(spec, { ...around, folder: own });
      const second = consumerOf(spec, { ...around, folder: secondOwn });
      processes.set(spec.name, { slot: spec.slot, consumer, second });
      await consumer.start();
    }
    return started;
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

interface Surroundings {
  readonly run: RunFolder;
  readonly cluster: Cluster;
  readonly sink: SinkServer;
  /** The process's own. */
  readonly folder: string;
  /** What all processes of the consumer say. */
  readonly file: string;
  readonly start: SlotStart;
}

/** One consumer: its process, and the one that a fault may start beside it. */
interface Running {
  readonly slot: string;
  readonly consumer: ConsumerProcess;
  readonly second: ConsumerProcess;
}

function consumerOf(
  { name, slot, command }: DownstreamSpec,
  { run, cluster, sink, folder, file, start }: Surroundings,
): ConsumerProcess {
  const { site: wanted } = run.plan.scenario.load;
  const site = cluster.sites.find((each) => each.name === wanted);
  if (!site) throw new ScenarioError(`there is no client site '${wanted}'`);
  const input: ConsumerInput = {
    name,
    slot,
    folder,
    publication: start.publication,
    fromLsn: start.lsn,
    timeline: start.timeline,
    nodes: cluster.nodes.map((node) => ({ name: node.name, ...addressOf(node.endpoint) })),
    source: loginOf(cluster.credentials),
    sink: { ...loginOf(sink.credentials), ...addressOf(sink.endpoint) },
  };
  return new ConsumerProcess({
    site,
    input,
    command,
    line: (text, line) => {
      appendFileSync(file, `${text}\n`);
      if (line.type === 'gap') run.note(`consumer ${name}: ${line.why}`);
      else if (line.type === 'stopped' && !line.isAsked)
        run.note(`consumer ${name} stopped: ${line.why}`);
    },
  });
}

function addressOf({ host, port }: Cluster['nodes'][number]['endpoint']) {
  return { host, port };
}

function loginOf({ user, password, database }: Cluster['credentials']) {
  return { user, database, ...(password !== undefined && { password }) };
}

interface Consuming extends Omit<Surroundings, 'start' | 'file'> {
  readonly processes: ReadonlyMap<string, Running>;
  readonly relation: string;
}

class RunningConsumers implements Consumers {
  readonly #all: Consuming;

  constructor(all: Consuming) {
    this.#all = all;
  }

  slotOf(consumer: string): string {
    return this.#of(consumer).slot;
  }

  async end(consumer: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { consumer: found } = this.#of(consumer);
    if (!found.isRunning) {
      const why = found.stopped === undefined ? '' : `: it stopped (${found.stopped})`;
      throw new ClusterError(`consumer ${consumer} does not run, so ${signal} meets nothing${why}`);
    }
    await found.end(signal);
  }

  async start(consumer: string): Promise<void> {
    await this.#of(consumer).consumer.start();
  }

  freeze(consumer: string): Promise<void> {
    return this.#of(consumer).consumer.signal('SIGSTOP');
  }

  async thaw(consumer: string): Promise<void> {
    const { consumer: found } = this.#of(consumer);
    if (found.isRunning) await found.signal('SIGCONT');
  }

  startSecond(consumer: string): Promise<void> {
    return this.#of(consumer).second.start();
  }

  endSecond(consumer: string): Promise<void> {
    return this.#of(consumer).second.end('SIGTERM');
  }

  async readBack(): Promise<void> {
    const { processes, run, sink, folder, relation } = this.#all;
    await this.#catchUp();
    for (const [name, { consumer }] of processes) {
      await consumer.end('SIGTERM').catch((error: unknown) => run.note(messageOf(error)));
      await readSink(sink, { runId: run.id, consumer: name, relation, folder });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#all.processes.values()].flatMap(({ consumer, second }) => [
      consumer,
      second,
    ]);
    await Promise.allSettled(all.map((process) => process.end('SIGKILL')));
  }

  /** By a message in the WAL behind the last write: who has delivered that has delivered all. */
  async #catchUp(): Promise<void> {
    const { processes, run, cluster } = this.#all;
    const { signal } = run.options;
    let end: string | undefined;
    try {
      await using session = await onPrimary(cluster, signal);
      const [sent] = await session.rows<{ lsn: string }>(
        `SELECT pg_logical_emit_message(true, 'forkpoint', 'the end of the run')::text AS lsn`,
      );
      end = sent?.lsn;
    } catch (error) {
      signal.throwIfAborted();
      run.note(`consumers: unknown where the WAL ends: ${messageOf(error)}`);
    }
    const isThere = ({ consumer: { lsn, stopped } }: Running) =>
      stopped !== undefined ||
      (end !== undefined && lsn !== undefined && lsnDistance(lsn, end) >= 0);
    await Promise.all(
      [...processes].map(async ([name, consumer]) => {
        const options = { timeoutMs: catchUpMs, everyMs: 100, signal };
        try {
          await waitUntil(`consumer ${name} has delivered all`, () => isThere(consumer), options);
        } catch (error) {
          signal.throwIfAborted();
          run.note(messageOf(error));
        }
      }),
    );
  }

  #of(consumer: string): Running {
    const found = this.#all.processes.get(consumer);
    if (!found) throw new HarnessBug(`the run has no consumer ${consumer}`);
    return found;
  }
}
