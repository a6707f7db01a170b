import type { Outcome } from '../contracts/evidence.ts';
import type {
  Operation,
  Read,
  Reader,
  Workload,
  WorkloadContext,
  Writer,
} from '../contracts/workload.ts';
import { loadShape } from '../scenario/parse/load-schema.ts';
import { tracked } from '../load/tracked.ts';
import { exampleParams, mappingRules, summaryRule } from './params.ts';
import { demand, demandEqual, type Rule, type Subject } from './rule.ts';

type WorkloadSubject = Subject<Workload>;

const operations = 400;
const reads = 20;

/** The rules for every workload that need no server. */
export const workloadRules: readonly Rule<WorkloadSubject>[] = [
  summaryRule<Workload>(),
  ...mappingRules<Workload>(Object.keys(loadShape)),
  {
    says: 'repeats its operations from the same seed',
    check: ({ extension }) => {
      const [first, second] = [writerOf(extension, 3), writerOf(extension, 3)];
      for (let turn = 0; turn < operations; turn += 1) {
        const [one, other] = [first.next(), second.next()];
        demandEqual(other, one, `operation ${turn} of a second writer 3 is`);
        first.settle(one, outcomeOf(turn));
        second.settle(other, outcomeOf(turn));
      }
    },
  },
  {
    says: 'finds no problem in its own example, which has the text of each file that it names',
    check: ({ extension }) => {
      const { files = [], exampleFiles: texts = {} } = extension;
      demandEqual(Object.keys(texts), [...files], 'the keys of `exampleFiles` are');
      demandEqual(extension.problems?.(contextOf(extension)) ?? [], [], 'its `problems` are');
    },
  },
  {
    says: 'names each of its invariants once, and says in words what must hold',
    check: ({ extension }) => {
      const invariants = extension.invariants?.(contextOf(extension)) ?? [];
      const names = invariants.map(({ name }) => name);
      demandEqual([...new Set(names)], names, 'the names of its invariants are');
      for (const { name, says } of invariants) {
        demand(says.trim() !== '', `the invariant '${name}' does not say what must hold`);
      }
    },
  },
  {
    says: 'repeats its reads, each with a name and the kind of node that it asks',
    check: ({ extension }) => {
      const [first, second] = [readerOf(extension), readerOf(extension)];
      if (!first || !second) return;
      for (let turn = 0; turn < reads; turn += 1) {
        const [one, other] = [first.next(), second.next()];
        const shown = ({ name, on, statement }: Read) => ({ name, on, statement });
        demandEqual(shown(other), shown(one), `read ${turn} of a second reader 0 is`);
        demand(one.name.trim() !== '' && one.name.length <= 100, `read ${turn} is '${one.name}'`);
        demand(['primary', 'replica', 'any'].includes(one.on), `'${one.name}' asks '${one.on}'`);
      }
    },
  },
  {
    says: 'numbers its rows densely from 0 and their versions densely from 1, whatever the outcomes',
    check: ({ extension }) => {
      for (const batch of [1, 3]) {
        const writer = writerOf(extension, 0, { batch });
        const rows = new NumberedRows();
        for (let turn = 0; turn < operations; turn += 1) {
          const operation = writer.next();
          rows.take(operation);
          writer.settle(operation, outcomeOf(turn));
        }
      }
    },
  },
];

/** Most are acknowledged; every kind of outcome is among them. */
export function outcomeOf(turn: number): Outcome {
  if (turn % 11 === 5) return 'indeterminate';
  if (turn % 13 === 7) return 'failed';
  return turn % 17 === 9 ? 'localOnly' : 'acknowledged';
}

export function contextOf(
  workload: Workload,
  over: Partial<WorkloadContext<never>> = {},
): WorkloadContext<never> {
  return {
    schema: 'forkpoint_conformance',
    runId: 'conformance',
    seed: 1,
    mix: { insert: 0.5, update: 0.4, delete: 0.1 },
    batch: 1,
    payloadBytes: 64,
    ...(workload.exampleFiles && { files: exampleFiles(workload.exampleFiles) }),
    ...over,
    params: exampleParams(workload) as never,
  };
}

function exampleFiles(texts: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, { name, text, sha256: '' }]),
  );
}

function readerOf(workload: Workload): Reader | undefined {
  return workload.reader?.(0, contextOf(workload));
}

function writerOf(
  workload: Workload,
  writer: number,
  over: Partial<WorkloadContext<never>> = {},
): Writer {
  return tracked(workload).writer(writer, contextOf(workload, over));
}

/** The key space of one writer, as the ledger counts on it. */
class NumberedRows {
  #next = 0;
  readonly #versions = new Map<number, number>();

  /** Errors: Breach for an operation that does not follow from those before. */
  take({ kind, seq, count, version }: Operation): void {
    const what = `${kind} of seq ${seq}`;
    demand(Number.isInteger(count) && count >= 1, `${what} writes ${count} rows`);
    if (kind === 'insert') {
      demandEqual(seq, this.#next, 'the next insert begins at seq');
      demandEqual(version, 0, `${what} has version`);
      this.#next += count;
      return;
    }
    demand(seq < this.#next, `${what}, and only ${this.#next} rows were ever inserted`);
    if (kind === 'delete') return;
    const next = (this.#versions.get(seq) ?? 0) + 1;
    demandEqual(version, next, `${what} has version`);
    this.#versions.set(seq, next);
  }
}
