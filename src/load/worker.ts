/**
 * Process entry of one load worker: frames on standard input and output. Everything it needs comes that way; without a
 * supervisor it has nothing to do.
 */
import { messageOf } from '../std/errors.ts';
import { kernelOf } from './clock.ts';
import { FrameOutput } from './frame-output.ts';
import { FrameReader, frameType } from './frames.ts';
import type { FromWorker, ToWorker, WorkerFailure } from './protocol.ts';
import { WorkerLoad } from './worker-load.ts';

const flushTimeoutMs = 1_000;
const output = new FrameOutput(1);
// Frames own descriptor 1: what a workload or a library prints must not tear them.
Object.defineProperty(process, 'stdout', { get: () => process.stderr });
let load: WorkerLoad | undefined;

const input = new FrameReader((type, payload) => {
  if (type === frameType.control)
    void handle(JSON.parse(payload.toString()) as ToWorker).catch(fail);
});
process.stdin.on('data', (chunk: Buffer) => input.push(chunk));
// The supervisor died, or the way to it broke: what is known is handed over as far as that goes, and no work is left.
process.stdin.on('end', leave);
process.stdin.on('error', leave);
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
// Ctrl-C goes to the whole group of the terminal; the supervisor decides when the load ends.
process.on('SIGINT', () => undefined);
tell({ type: 'up', kernel: kernelOf() });

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'spec':
      load = await WorkerLoad.prepare(message.spec, tell, output.journal());
      tell({ type: 'ready' });
      return;
    case 'clock':
      tell({ type: 'clock', request: message.request, nowNs: String(process.hrtime.bigint()) });
      return;
    case 'start':
      if (!load) throw new Error('told to start before it was told what');
      await output.tell({ type: 'done', stats: await load.run(BigInt(message.originNs)) });
      process.exit(0);
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

function tell(message: FromWorker): void {
  // A supervisor that does not read any more has ended, and the end of standard input says so.
  output.tell(message).catch(() => undefined);
}

function leave(): void {
  setTimeout(() => process.exit(1), flushTimeoutMs).unref();
  const flushed = load?.flush() ?? Promise.resolve();
  void flushed.catch(() => undefined).finally(() => process.exit(1));
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
    .then(() => output.tell({ type: 'failed', error: failure }))
    .catch(() => undefined)
    .finally(() => process.exit(1));
}
