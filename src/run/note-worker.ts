import type { Spread, WorkerChange } from '../load/crew.ts';
import type { RunFolder } from './run-folder.ts';

/** Events, and sentences for the report. */
export function noteWorker(run: RunFolder, change: WorkerChange): void {
  run.events.emit({ type: 'worker', ...change });
  if (change.edge === 'joined') run.moreWriters += change.writers;
  run.note(sentenceOf(change));
}

/** Of workers on this kernel nothing is said: they read one clock. */
export function noteSpread(run: RunFolder, { workers, spreadMs, errorMs }: Spread): void {
  if (errorMs === 0) return;
  const began = `${workers} load workers began within ${spreadMs.toFixed(1)} ms of each other`;
  run.note(`${began}, by clocks that are known to ${errorMs.toFixed(1)} ms`);
}

function sentenceOf(change: WorkerChange): string {
  const { worker } = change;
  switch (change.edge) {
    case 'lost':
      return `load worker ${worker} was lost (${change.how}): its open operations are indeterminate, and so is what it was told in its last 100 ms`;
    case 'joined': {
      const last = change.firstWriter + change.writers - 1;
      return `load worker ${worker} took the place of ${change.inPlaceOf}, with writers ${change.firstWriter} to ${last}`;
    }
    case 'missing':
      return `no load worker took the place of ${worker}: ${change.why}`;
  }
}
