/**
 * Process entry of one load worker: frames on standard input and output. Everything it needs arrives there; without a
 * supervisor it does nothing.
 */
import { messageOf } from '../std/errors.ts';
import { raiseOwnPriority } from '../std/priority.ts';
import { keepYoungGenerationSmall } from '../std/young-generation.ts';
import { kernelOf } from './clock.ts';
import { FrameOutput } from './frame-output.ts';
import { FrameReader, frameType } from './frames.ts';
import type { FromWorker, ToWorker, WorkerFailure } from './protocol.ts';
import { WorkerLoad } from './worker-load.ts';

const flushTimeoutMs = 1_000;
/** Far longer than a supervisor waits for all its workers. In a pod that was started for a run that has died, no word ever comes. */
const silenceTimeoutMs = 600_000;
// Otherwise its memory grows and shrinks by 20 MB, all of it garbage, and seems to leak over a few minutes.
keepYoungGenerationSmall();
// A client that waits for CPU sends late what is due, and takes its own delay for the server's.
raiseOwnPriority();
const output = new FrameOutput(1);
// Frames own descriptor 1: output of a workload or a library must not break them.
Object.defineProperty(process, 'stdout', { get: () => process.stderr });
let load: WorkerLoad | undefined;

const input = new FrameReader((type, payload) => {
  if (type === frameType.control)
    void handle(JSON.parse(payload.toString()) as ToWorker).catch(fail);
});
const silence = setTimeout(() => process.exit(0), silenceTimeoutMs);
process.stdin.once('data', () => clearTimeout(silence));
process.stdin.on('data', (chunk: Buffer) => input.push(chunk));
// The supervisor died, or the connection to it broke: send what is known as far as possible, and stop.
process.stdin.on('end', leave);
process.stdin.on('error', leave);
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
// Ctrl-C signals the terminal's whole process group; the supervisor decides when the load ends.
process.on('SIGINT', () => undefined);
tell({ type: 'up', kernel: kernelOf() });

async function handle(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'spec':
      load = await WorkerLoad.prepare(message.spec, tell, output);
      tell({ type: 'ready' });
      return;
    case 'hello':
      tell({ type: 'up', kernel: kernelOf() });
      return;
    case 'clock':
      tell({ type: 'clock', request: message.request, nowNs: String(process.hrtime.bigint()) });
      return;
    case 'start':
      if (!load) throw new Error('got `start` before its spec');
      await output.tell({ type: 'done', stats: await load.run(BigInt(message.originNs)) });
      process.exit(0);
      return;
    case 'members':
      load?.move(message.members);
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
  // A supervisor that no longer reads has ended; the end of standard input shows that too.
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
