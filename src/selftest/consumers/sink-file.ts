import { readFile } from 'node:fs/promises';
import type { Change } from '../../downstream/change.ts';
import { type FiledBatch, linesOfBatch, readSinkFile } from '../../downstream/sink-file.ts';
import { writeWhole } from '../../std/write-whole.ts';
import type { DamagedSink, SinkEvent } from './sink-event.ts';

/** A consumer's file of JSON lines. */
export function sinkFile(file: string): DamagedSink {
  const batches = async () => readSinkFile(await readFile(file)).batches;
  return {
    events: async () =>
      (await batches()).flatMap(({ number, changes }) =>
        changes.map((change) => ({ ...change, batch: number })),
      ),
    rewrite: async (events) => {
      const text = filled(await batches(), events)
        .map(linesOfBatch)
        .join('');
      await writeWhole(file, text);
    },
  };
}

/** The same batches with these events: each in the batch that it names, and one that comes later than that in the batch of its place. */
function filled(
  batches: readonly FiledBatch[],
  events: readonly SinkEvent[],
): readonly FiledBatch[] {
  const left = [...events];
  return batches.map(({ number, to }, index) => {
    const isLast = index === batches.length - 1;
    const later = left.findIndex(({ batch }) => batch > number);
    const taken = left.splice(0, isLast || later < 0 ? left.length : later);
    return { number, to, changes: taken.map(changeOf) };
  });
}

function changeOf({ kind, relation, lsn, row }: SinkEvent): Change {
  return { kind: kind as Change['kind'], relation, lsn, row };
}
