import type { Operation, Statement, Writer } from '../contracts/workload.ts';
import { JournalWriter } from '../evidence/journal/writer.ts';
import { position } from '../pg/position.ts';
import { LoadClock } from './clock.ts';
import { Gate } from './gate.ts';
import type { WriterWork } from './group-work.ts';
import { journalHeader } from './journal-header.ts';
import type { LoadClient } from './load-client.ts';
import { makePacer } from './pacing.ts';
import type { WorkerSpec } from './protocol.ts';
import { Tally } from './tally.ts';
import { writerOf } from './writer-of.ts';

/** Enough for most of the code to be compiled. */
const operations = 1_500;
const mostMs = 400;
/** A server that does not answer costs the connections, which are made anew. */
const deadlineMs = 5_000;
const rehearsed = 64;

const read = {
  name: 'forkpoint_warm_up',
  text: `SELECT ${position}, 1 AS touched WHERE $1::int4[] IS NOT NULL AND $2::text IS NOT NULL`,
};

/**
 * Before the load begins: the code of an operation runs until it is compiled, and every connection has the load's statements
 * prepared. The first operations would otherwise take ten times as long as the others, and those due meanwhile wait for them.
 * Nothing is written, journaled or counted: the statements that are sent only read.
 */
export async function warmUp(
  clients: readonly WarmClient[],
  workOf: (writer: number) => WriterWork,
  spec: WorkerSpec,
): Promise<void> {
  const originNs = process.hrtime.bigint();
  const clock = new LoadClock(originNs);
  const pace = { profile: undefined, first: 0, every: 1, operations, durationUs: mostMs * 1_000 };
  const tools = {
    clock,
    gate: new Gate(makePacer({ clock, ...pace })),
    tally: new Tally(),
    journal: new JournalWriter(nowhere, journalHeader(spec, originNs)),
    deadlineUs: deadlineMs * 1_000,
    pipeline: 1,
  };
  const statements = new Map<WriterWork, readonly Statement[]>();
  const late = setTimeout(() => clients.forEach((client) => client.disconnect()), deadlineMs);
  try {
    await Promise.all(
      clients.map((client) => {
        const work = workOf(client.number);
        const known = statements.get(work) ?? statementsOf(writerIn(work, client.number));
        statements.set(work, known);
        return client.warmUp(tools, new Reading(writerIn(work, client.number)), known);
      }),
    );
  } finally {
    clearTimeout(late);
    await tools.journal.close();
  }
}

type WarmClient = Pick<LoadClient, 'number' | 'warmUp' | 'disconnect'>;

function writerIn({ workload, spec }: WriterWork, number: number): Writer {
  return writerOf(workload, spec, number);
}

const nowhere = {
  name: 'the journal of the warm-up',
  write: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Those with a name that the first operations send. */
function statementsOf(writer: Writer): readonly Statement[] {
  const found = new Map<string, Statement>();
  for (let left = rehearsed; left > 0; left--) {
    const operation = writer.next();
    for (const statement of [...(operation.before ?? []), operation.statement]) {
      if (statement.name !== undefined) found.set(statement.name, statement);
    }
    writer.settle(operation, 'acknowledged');
  }
  return [...found.values()];
}

/** Makes what another writer would send, and sends a statement that reads. */
class Reading implements Writer {
  readonly #writer: Writer;
  #seq = 0;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  next(): Operation {
    this.#writer.settle(this.#writer.next(), 'acknowledged');
    const seq = this.#seq++;
    const values = [[seq], ''];
    const statement = { ...read, values };
    return { kind: 'insert', seq, count: 1, version: 0, statement };
  }

  settle(): void {
    // What it read is not kept.
  }
}
