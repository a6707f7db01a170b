/** Process entry of one load worker. Everything it needs comes by IPC; without a parent it has nothing to do. */
import { messageOf } from '../std/errors.ts';
import type { FromWorker, ToWorker, WorkerFailure } from './protocol.ts';
import { WorkerLoad } from './worker-load.ts';

const flushTimeoutMs = 1_000;
let load: WorkerLoad | undefined;

process.on('message', (message: ToWorker) => void handle(message).catch(fail));
// The harness died: what is known is written, and nobody is left to work for.
process.on('disconnect', () => {
  setTimeout(() => process.exit(1), flushTimeoutMs).unref();
  void (load?.flush() ?? Promise.resolve()).finally(() => process.exit(1));
});
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
// Ctrl-C goes to the whole group of the terminal; the harness decides when the load ends.
process.on('SIGINT', () => undefined);
tell({ type: 'up' });

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'spec':
      load = await WorkerLoad.prepare(message.spec, tell);
      tell({ type: 'ready' });
      return;
    case 'start':
      if (!load) throw new Error('told to start before it was told what');
      tell({ type: 'done', stats: await load.run(BigInt(message.originNs)) }, () =>
        process.exit(0),
      );
      return;
    case 'stop':
      load?.stop();
      return;
    case 'hold':
      if (load) tell({ type: 'held', request: message.request, stats: await load.hold() });
      return;
    case 'allow':
      if (load) {
        const stats = await load.allow(message.operations);
        tell({ type: 'held', request: message.request, stats });
      }
      return;
    case 'resume':
      load?.resume();
      return;
  }
}

function tell(message: FromWorker, sent?: () => void): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => sent?.());
}

function fail(error: unknown): void {
  const failure: WorkerFailure = {
    name: error instanceof Error ? error.name : '',
    message: messageOf(error),
  };
  process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : failure.message}\n`);
  setTimeout(() => process.exit(1), flushTimeoutMs).unref();
  void (load?.close() ?? Promise.resolve())
    .catch(() => undefined)
    .finally(() => tell({ type: 'failed', error: failure }, () => process.exit(1)));
}
