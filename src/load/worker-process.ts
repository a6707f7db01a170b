import { fileURLToPath } from 'node:url';
import { ClusterError, EnvironmentError, HarnessBug } from '../std/errors.ts';
import { start } from '../std/exec.ts';
import { noStats, type FromWorker, type LoadStats, type ToWorker } from './protocol.ts';
import type { WorkerSpec } from './protocol.ts';
import type { ReachChange } from './reachability.ts';
import { ownModule } from '../std/own-module.ts';

const workerPath = fileURLToPath(ownModule('./worker', import.meta.url));
const stderrTailCharacters = 4_000;
const lastWordsMs = 20;
/** Sent by the kernel for want of memory, by a person or by a service manager; a crash of ours has others. */
const fromOutside: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);

/** One worker process as the supervisor sees it. */
export class WorkerProcess {
  /** Resolves when it can start; rejects when it failed or died before. */
  readonly ready: Promise<undefined>;
  /** Resolves when its journal is closed; rejects when it failed or died before. */
  readonly done: Promise<undefined>;
  /** Resolves when the process is gone, however it ended. */
  readonly gone: Promise<void>;
  stats: LoadStats = noStats;
  /** What its members last said, while it is not ready. */
  waitingFor = 'no word from the worker yet';
  readonly #child: ReturnType<typeof start>;
  readonly #spec: WorkerSpec;
  readonly #onReach: (change: ReachChange) => void;
  readonly #ready = Promise.withResolvers<undefined>();
  readonly #done = Promise.withResolvers<undefined>();
  /** By number: what it was asked and has not answered. */
  readonly #asked = new Map<number, PromiseWithResolvers<undefined>>();
  #requests = 0;
  #stderr = '';

  /** `prefix` puts it into the client site's namespaces, which pass the IPC channel on as any open file. */
  constructor(
    prefix: readonly string[],
    spec: WorkerSpec,
    onReach: (change: ReachChange) => void = () => undefined,
  ) {
    this.#spec = spec;
    this.#onReach = onReach;
    this.ready = this.#ready.promise;
    this.done = this.#done.promise;
    // Whoever waits for them later sees the rejection; nobody waiting yet is no crash.
    this.ready.catch(() => undefined);
    this.done.catch(() => undefined);
    this.#child = start([...prefix, process.execPath, workerPath], {
      ipc: true,
      reject: false,
      buffer: false,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-stderrTailCharacters);
    });
    this.#child.on('message', (message) => this.#hear(message as FromWorker));
    this.gone = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#fail(`cannot start: ${error.message}`));
      // Not 'close': Node never emits it after a disconnect of ours. So its last words may still be on their way.
      this.#child.once('exit', (code, signal) => {
        setTimeout(() => {
          const what = `ended early with ${signal ?? `exit code ${code ?? '?'}`}`;
          if (signal === null || !fromOutside.has(signal)) this.#fail(what);
          else this.#fail(`${what} from outside${why(signal)}`, 'EnvironmentError');
          resolve();
        }, lastWordsMs);
      });
    });
  }

  get writers(): number {
    return this.#spec.writers;
  }

  start(originNs: bigint): void {
    this.#tell({ type: 'start', originNs: String(originNs) });
  }

  stop(): void {
    this.#tell({ type: 'stop' });
  }

  /** Resolves when nothing is under way, and `stats` is exact. Errors: ClusterError when the load ends first. */
  hold(): Promise<void> {
    return this.#ask((request) => ({ type: 'hold', request }));
  }

  /** While held: resolves when so many operations have their outcome, and `stats` is exact. Errors: as `hold`. */
  allow(operations: number): Promise<void> {
    return this.#ask((request) => ({ type: 'allow', request, operations }));
  }

  resume(): void {
    this.#tell({ type: 'resume' });
  }

  /** Without its harness a worker flushes and ends at once; the signal is for one that cannot. */
  async kill(graceMs: number): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.gone;
    clearTimeout(timer);
  }

  async #ask(message: (request: number) => ToWorker): Promise<void> {
    const request = ++this.#requests;
    const answer = Promise.withResolvers<undefined>();
    this.#asked.set(request, answer);
    this.#tell(message(request));
    const over = this.done.then(() => {
      throw new ClusterError('the load was over first');
    });
    await Promise.race([answer.promise, over]).finally(() => this.#asked.delete(request));
  }

  #tell(message: ToWorker): void {
    // A worker that is gone has failed already, with a better reason than a broken pipe.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'up':
        this.#tell({ type: 'spec', spec: this.#spec });
        return;
      case 'waiting':
        this.waitingFor = message.because;
        return;
      case 'ready':
        this.#ready.resolve(undefined);
        return;
      case 'progress':
        this.stats = message.stats;
        return;
      case 'reach':
        this.#onReach(message.change);
        return;
      case 'held':
        this.stats = message.stats;
        this.#asked.get(message.request)?.resolve(undefined);
        return;
      case 'done':
        this.stats = message.stats;
        this.#done.resolve(undefined);
        return;
      case 'failed':
        this.#fail(message.error.message, message.error.name);
        return;
    }
  }

  #fail(what: string, errorName = ''): void {
    const said = this.#stderr.trim().split('\n').slice(-8).join('\n');
    const message = `load worker ${this.#spec.worker}: ${what}`;
    const error =
      errorName === 'EnvironmentError'
        ? new EnvironmentError(message)
        : new HarnessBug(said === '' ? message : `${message}\n${said}`);
    this.#ready.reject(error);
    this.#done.reject(error);
  }
}

function why(signal: NodeJS.Signals): string {
  return signal === 'SIGKILL' ? ', as the kernel does when memory is short (see dmesg)' : '';
}
