import { Counter, Gauge, Registry } from 'prom-client';
import type { StoredLine } from '../contracts/downstream.ts';
import type { Figures, GroupFigures, LatencyFigures } from '../contracts/figures.ts';
import type { Result } from '../contracts/result.ts';
import type { Plan } from '../contracts/scenario.ts';
import type { NewEvent } from '../evidence/events/event-log.ts';
import { ConsumerMetrics } from './consumer-metrics.ts';

const quantiles: readonly (readonly [label: string, name: keyof LatencyFigures])[] = [
  ['0.5', 'p50'],
  ['0.95', 'p95'],
  ['0.99', 'p99'],
  ['0.999', 'p999'],
  ['1', 'max'],
];
const roles = ['primary', 'replica', 'down'] as const;

/** What Prometheus scrapes of one run, in its text format. Names and labels are in docs/load.md. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #operations = this.#counter('operations_total', 'Operations that have an outcome', [
    'kind',
    'outcome',
  ]);
  readonly #rows = this.#counter('rows_total', 'Rows of acknowledged operations', []);
  readonly #retried = this.#counter(
    'retried_total',
    'Attempts that failed and were sent again',
    [],
  );
  readonly #errors = this.#counter(
    'errors_total',
    "Failed and indeterminate attempts by SQLSTATE; 'none': no server said one",
    ['sqlstate'],
  );
  readonly #latency = this.#gauge(
    'latency_seconds',
    'Latency of the operations acknowledged in the last whole second, from the intended start or from sending',
    ['from', 'quantile'],
  );
  readonly #reads = this.#counter('reads_total', 'Reads of readers and clients', ['outcome']);
  readonly #readLatency = this.#gauge(
    'read_latency_seconds',
    'As latency_seconds, of the reads answered in the last whole second',
    ['from', 'quantile'],
  );
  readonly #groupReads = this.#counter(
    'group_reads_total',
    'Of reads_total, those of the clients of each group of the load',
    ['group', 'outcome'],
  );
  readonly #groupReadLatency = this.#gauge(
    'group_read_latency_seconds',
    'As read_latency_seconds, of the clients of each group of the load',
    ['group', 'from', 'quantile'],
  );
  readonly #bytes = this.#counter('bytes_total', "Bytes on the clients' connections", [
    'direction',
  ]);
  readonly #groupBytes = this.#counter(
    'group_bytes_total',
    'Of bytes_total, those of the clients of each group of the load',
    ['group', 'direction'],
  );
  readonly #groupClients = this.#gauge(
    'group_clients',
    'As clients, those of each group of the load',
    ['group', 'state'],
  );
  readonly #groupOperations = this.#counter(
    'group_operations_total',
    'Of operations_total, those of the clients of each group of the load',
    ['group', 'kind', 'outcome'],
  );
  readonly #groupErrors = this.#counter(
    'group_errors_total',
    'Of errors_total, those of the clients of each group of the load',
    ['group', 'sqlstate'],
  );
  readonly #groupRows = this.#counter(
    'group_rows_total',
    'Of rows_total, those of the clients of each group of the load',
    ['group'],
  );
  readonly #groupLatency = this.#gauge(
    'group_latency_seconds',
    'As latency_seconds, of the clients of each group of the load',
    ['group', 'from', 'quantile'],
  );
  readonly #clients = this.#gauge(
    'clients',
    'Open connections, operations in flight, and operations that are due and were not sent yet',
    ['state'],
  );
  readonly #role = this.#gauge('node_role', '1 for the role that the node has now', [
    'node',
    'role',
  ]);
  readonly #leader = this.#gauge('node_is_leader', '1 for the holder of the leader lock', ['node']);
  readonly #timeline = this.#gauge('node_timeline', 'Timeline of the node', ['node']);
  readonly #lag = this.#gauge('replica_lag_bytes', 'WAL that the replica has not replayed', [
    'node',
  ]);
  readonly #reachable = this.#gauge('node_reachable', "1: the node answers the load's clients", [
    'node',
  ]);
  readonly #inForce = this.#gauge('fault_in_force', '1 while the fault is in force', [
    'id',
    'fault',
  ]);
  readonly #phase = this.#gauge('phase', '1 for the phase that the run is in', ['phase']);
  readonly #writes = this.#gauge('writes', 'At the end: attempted writes by outcome and fate', [
    'fate',
  ]);
  readonly #verdict = this.#gauge('verdict', 'At the end: 1 for the verdict of the run', [
    'status',
  ]);
  readonly #consumers = new ConsumerMetrics(this.#registry);
  readonly #faultNames = new Map<string, string>();

  constructor({ scenario, seed, backend }: Plan) {
    this.#gauge('run_info', 'Always 1', ['scenario', 'seed', 'backend']).set(
      { scenario: scenario.name, seed: String(seed), backend },
      1,
    );
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  figures(figures: Figures): void {
    const {
      operations,
      rows,
      retried = 0,
      errors,
      latencyMs,
      serviceMs,
      clients,
      groups = {},
      reads,
      bytes,
    } = figures;
    for (const [kind, outcomes] of Object.entries(operations)) {
      for (const [outcome, count] of Object.entries(outcomes)) {
        this.#operations.inc({ kind, outcome }, count);
      }
    }
    this.#rows.inc(rows);
    this.#retried.inc(retried);
    for (const [sqlState, count] of Object.entries(errors)) {
      this.#errors.inc({ sqlstate: sqlState === '' ? 'none' : sqlState }, count);
    }
    setLatencies(this.#latency, {}, { latencyMs, serviceMs });
    if (reads) {
      this.#reads.inc({ outcome: 'answered' }, reads.answered);
      this.#reads.inc({ outcome: 'failed' }, reads.failed);
      setLatencies(this.#readLatency, {}, reads);
    }
    for (const [state, count] of Object.entries<number>({ ...clients }))
      this.#clients.set({ state }, count);
    for (const [direction, count] of Object.entries(bytes ?? {}))
      this.#bytes.inc({ direction }, count);
    for (const [group, figures] of Object.entries(groups)) this.#groupFigures(group, figures);
  }

  #groupFigures(group: string, figures: GroupFigures): void {
    for (const [kind, outcomes] of Object.entries(figures.operations)) {
      for (const [outcome, count] of Object.entries(outcomes)) {
        this.#groupOperations.inc({ group, kind, outcome }, count);
      }
    }
    this.#groupRows.inc({ group }, figures.rows);
    for (const [sqlState, count] of Object.entries(figures.errors)) {
      this.#groupErrors.inc({ group, sqlstate: sqlState === '' ? 'none' : sqlState }, count);
    }
    setLatencies(this.#groupLatency, { group }, figures);
    for (const [state, count] of Object.entries<number>({ ...figures.clients }))
      this.#groupClients.set({ group, state }, count);
    for (const [direction, count] of Object.entries(figures.bytes ?? {}))
      this.#groupBytes.inc({ group, direction }, count);
    if (!figures.reads) return;
    this.#groupReads.inc({ group, outcome: 'answered' }, figures.reads.answered);
    this.#groupReads.inc({ group, outcome: 'failed' }, figures.reads.failed);
    setLatencies(this.#groupReadLatency, { group }, figures.reads);
  }

  consumer(name: string, line: StoredLine): void {
    this.#consumers.line(name, line);
  }

  event(event: NewEvent): void {
    switch (event.type) {
      case 'phase':
        this.#phase.set({ phase: event.phase }, event.edge === 'begin' ? 1 : 0);
        return;
      case 'topology':
        for (const { node, role, timeline } of event.topology.members) {
          for (const one of roles) this.#role.set({ node, role: one }, one === role ? 1 : 0);
          this.#leader.set({ node }, event.topology.leader === node ? 1 : 0);
          if (timeline !== undefined) this.#timeline.set({ node }, timeline);
        }
        return;
      case 'lag':
        // A replica that was not read has no lag, and its last one would look like its present one.
        this.#lag.reset();
        for (const [node, bytes] of Object.entries(event.bytes)) this.#lag.set({ node }, bytes);
        return;
      case 'reach':
        this.#reachable.set({ node: event.node }, event.reach === 'answers' ? 1 : 0);
        return;
      case 'inject':
        this.#faultNames.set(event.id, event.fault);
        this.#inForce.set({ id: event.id, fault: event.fault }, 0);
        return;
      case 'injected':
        this.#setInForce(event.id, 1);
        return;
      case 'healed':
      case 'notCarriedOut':
        this.#setInForce(event.id, 0);
        return;
      default:
        return;
    }
  }

  /** The verdict: what is unknown has no figure. */
  result({ status, writes }: Result): void {
    for (const [fate, count] of Object.entries<number | null>({ ...writes })) {
      if (count !== null) this.#writes.set({ fate }, count);
    }
    for (const each of ['pass', 'fail', 'unknown', 'knownDefect'] as const) {
      this.#verdict.set({ status: each }, each === status ? 1 : 0);
    }
  }

  #setInForce(id: string, value: 0 | 1): void {
    const fault = this.#faultNames.get(id);
    if (fault !== undefined) this.#inForce.set({ id, fault }, value);
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ ...this.#named(name, help), labelNames: [...labelNames] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    return new Gauge({ ...this.#named(name, help), labelNames: [...labelNames] });
  }

  #named(name: string, help: string) {
    return { name: `forkpoint_${name}`, help, registers: [this.#registry] };
  }
}

function setLatencies(
  gauge: Gauge,
  labels: Readonly<Record<string, string>>,
  { latencyMs, serviceMs }: Pick<Figures, 'latencyMs' | 'serviceMs'>,
): void {
  const both = [['intended', latencyMs] as const, ['sent', serviceMs] as const];
  for (const [from, found] of both) {
    for (const [quantile, name] of quantiles) {
      // A second without an acknowledgement has no latency; zero would be the best one.
      if (found) gauge.set({ ...labels, from, quantile }, found[name] / 1000);
      else gauge.remove({ ...labels, from, quantile });
    }
  }
}
