import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ClientSite } from '../contracts/cluster.ts';
import type { Channel } from '../contracts/shell.ts';
import { fileSink } from '../evidence/journal/sink.ts';
import { ClusterError, EnvironmentError, HarnessBug, messageOf } from '../std/errors.ts';
import { ownModule } from '../std/own-module.ts';
import { kernelOf } from './clock.ts';
import { type ClockOffset, type ClockSample, offsetOf, sameClock } from './clock-offset.ts';
import { controlFrame, FrameReader, frameType } from './frames.ts';
import { JournalFile } from './journal-file.ts';
import { writingClients } from './group-work.ts';
import type { Member } from './member.ts';
import { noStats, type FromWorker, type LoadStats, type ToWorker } from './protocol.ts';
import type { WorkerSpec } from './protocol.ts';
import type { ReachChange } from './reachability.ts';

const workerPath = fileURLToPath(ownModule('./worker', import.meta.url));
/** Signals sent by the kernel when memory is short, by a person or by a service manager; a crash has others. */
const fromOutside: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);
const remoteCommand = ['forkpoint'];
const clockSamples = 8;
const ourKernel = kernelOf();

export interface WorkerOptions {
  readonly site: Pick<ClientSite, 'shell' | 'isRemote' | 'command' | 'workers'>;
  readonly spec: WorkerSpec;
  /** The journal is written on this host, whatever machine the worker runs on. */
  readonly journalPath: string;
  /** The same for what its readers see; no file where it has none. */
  readonly observationsPath: string;
  readonly onReach?: ((change: ReachChange) => void) | undefined;
  /** Called with whole lines of the observations, as they come in. */
  readonly onObservations?: ((bytes: Buffer) => void) | undefined;
  /** Called with the journal's bytes, whole frames, as they come in. */
  readonly onJournal?: ((bytes: Buffer) => void) | undefined;
  /** Its loss does not fail the load: once the load has begun, `done` resolves and `lost` says how. Default: it does. */
  readonly mayBeLost?: boolean;
}

/** The supervisor's view of one worker process. */
export class WorkerProcess {
  /** Resolves when it can start; rejects when it failed or died before. */
  readonly ready: Promise<undefined>;
  /** Resolves when the load has begun there: how long after its start, in microseconds by the worker's own clock. */
  readonly begun: Promise<number>;
  /** Resolves when its journal is complete; rejects when it failed or died before. */
  readonly done: Promise<undefined>;
  /** Resolves when the process is gone, however it ended, and its journal is closed. */
  readonly gone: Promise<void>;
  stats: LoadStats = noStats;
  /** How it was lost in the course of the load, in words; undefined: it was not. Final once `done` has resolved. */
  lost: string | undefined;
  /** The last answers of its members, while it is not ready. */
  waitingFor = 'no message from the worker yet';
  readonly #channel: Channel;
  readonly #options: WorkerOptions;
  readonly #journal: JournalFile | undefined;
  readonly #observations: JournalFile | undefined;
  readonly #ready = Promise.withResolvers<undefined>();
  readonly #begun = Promise.withResolvers<number>();
  readonly #done = Promise.withResolvers<undefined>();
  /** Pending requests, by number. */
  readonly #asked = new Map<number, PromiseWithResolvers<FromWorker>>();
  #requests = 0;
  #hasBegun = false;
  #isDone = false;
  #isGivenUp = false;
  #hasSpec = false;
  #isSameKernel = false;

  /** Errors: EnvironmentError when it cannot be started, or its journal cannot be made. */
  static async open(options: WorkerOptions): Promise<WorkerProcess> {
    const { shell, isRemote, command = remoteCommand } = options.site;
    const argv = isRemote ? [...command, 'worker'] : [process.execPath, workerPath];
    return new WorkerProcess(await shell.open(argv), options);
  }

  private constructor(channel: Channel, options: WorkerOptions) {
    this.#channel = channel;
    this.#options = options;
    this.ready = this.#ready.promise;
    this.begun = this.#begun.promise;
    this.done = this.#done.promise;
    // A later await sees the rejection; a rejection before that must not crash the process.
    this.ready.catch(() => undefined);
    this.begun.catch(() => undefined);
    this.done.catch(() => undefined);
    const { spec } = options;
    const onFailure = (error: unknown) => this.#fail(messageOf(error), nameOf(error));
    this.#journal = spec.isTracked
      ? new JournalFile(fileSink(options.journalPath), onFailure)
      : undefined;
    this.#observations = spec.observes
      ? new JournalFile(fileSink(options.observationsPath), onFailure)
      : undefined;
    this.#listen();
    this.gone = this.#untilGone();
    // It has stood ready for a while, and what it said then was not heard.
    if (options.site.workers !== undefined) this.#tell({ type: 'hello' });
  }

  get spec(): WorkerSpec {
    return this.#options.spec;
  }

  /** As its journal has it. */
  get number(): number {
    return this.spec.instead?.worker ?? this.spec.worker;
  }

  /** Clients that write. */
  get writers(): number {
    return writingClients(this.#options.spec);
  }

  /** `originNs`: on the harness's clock. `offset`: how far the worker's clock is ahead. */
  start(originNs: bigint, { offsetNs }: ClockOffset): void {
    this.#hasBegun = true;
    this.#tell({ type: 'start', originNs: String(originNs + offsetNs) });
  }

  /** Where new connections to the members lead from now on. */
  move(members: readonly Member[]): void {
    this.#tell({ type: 'members', members });
  }

  stop(): void {
    this.#tell({ type: 'stop' });
  }

  /** Resolves when nothing is in progress, and `stats` is exact. Errors: ClusterError when the load ends first. */
  async hold(): Promise<void> {
    await this.#ask((request) => ({ type: 'hold', request }));
  }

  /** While held: resolves when this many operations have their outcome, and `stats` is exact. Errors: as `hold`. */
  async allow(operations: number): Promise<void> {
    await this.#ask((request) => ({ type: 'allow', request, operations }));
  }

  resume(): void {
    this.#tell({ type: 'resume' });
  }

  /** Known, not measured, if both run on one kernel. Errors: ClusterError when the load ends first. */
  async clockOffset(): Promise<ClockOffset> {
    if (this.#isSameKernel) return sameClock;
    const samples: [ClockSample, ...ClockSample[]] = [await this.#clockSample()];
    while (samples.length < clockSamples) samples.push(await this.#clockSample());
    return offsetOf(samples);
  }

  /** Without its supervisor a worker flushes and ends at once; the signal is for one that cannot. */
  async kill(graceMs: number): Promise<void> {
    this.#isGivenUp = true;
    this.#channel.stdin.end();
    const timer = setTimeout(() => this.#channel.kill(), graceMs);
    await this.gone;
    clearTimeout(timer);
  }

  /** The same for one that never began: it leaves no journal. */
  async discard(): Promise<void> {
    await this.kill(0);
    await rm(this.#options.journalPath, { force: true });
    await rm(this.#options.observationsPath, { force: true });
  }

  async #clockSample(): Promise<ClockSample> {
    const sentNs = process.hrtime.bigint();
    const answer = await this.#ask((request) => ({ type: 'clock', request }));
    const receivedNs = process.hrtime.bigint();
    if (answer.type !== 'clock') throw new HarnessBug(`asked for the time, got ${answer.type}`);
    return { sentNs, workerNs: BigInt(answer.nowNs), receivedNs };
  }

  async #ask(message: (request: number) => ToWorker): Promise<FromWorker> {
    const request = ++this.#requests;
    const answer = Promise.withResolvers<FromWorker>();
    this.#asked.set(request, answer);
    this.#tell(message(request));
    const over = this.done.then((): never => {
      throw new ClusterError('the load was over first');
    });
    return Promise.race([answer.promise, over]).finally(() => this.#asked.delete(request));
  }

  #tell(message: ToWorker): void {
    // A dead worker has failed already, with a better reason than a broken pipe.
    if (this.#channel.stdin.writable) this.#channel.stdin.write(controlFrame(message));
  }

  #listen(): void {
    const { stdout } = this.#channel;
    const frames = new FrameReader((type, payload) => {
      if (type === frameType.journal) {
        this.#journal?.append(payload);
        this.#options.onJournal?.(payload);
      } else if (type === frameType.observations) {
        this.#observations?.append(payload);
        this.#options.onObservations?.(payload);
      } else this.#hear(JSON.parse(payload.toString()) as FromWorker);
    });
    stdout.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk);
      } catch (error) {
        this.#fail(messageOf(error));
        this.#channel.kill();
      }
      if (this.#journal?.isFull === true) {
        stdout.pause();
        void this.#journal.drained().then(() => stdout.resume());
      }
    });
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'up':
        this.#isSameKernel = message.kernel !== '' && message.kernel === ourKernel;
        // One that was greeted may have said so before.
        if (!this.#hasSpec) this.#tell({ type: 'spec', spec: this.#options.spec });
        this.#hasSpec = true;
        return;
      case 'waiting':
        this.waitingFor = message.because;
        return;
      case 'ready':
        this.#ready.resolve(undefined);
        return;
      case 'begun':
        this.#begun.resolve(message.lateUs);
        return;
      case 'progress':
        this.stats = message.stats;
        return;
      case 'reach':
        this.#options.onReach?.(message.change);
        return;
      case 'held':
        this.stats = message.stats;
        this.#asked.get(message.request)?.resolve(message);
        return;
      case 'clock':
        this.#asked.get(message.request)?.resolve(message);
        return;
      case 'done':
        this.stats = message.stats;
        this.#isDone = true;
        // The last frame of each file came before this message, so they are complete; `end` closes them.
        void Promise.all([this.#journal?.drained(), this.#observations?.drained()]).then(() =>
          this.#done.resolve(undefined),
        );
        return;
      case 'failed':
        this.#fail(message.error.message, message.error.name);
        return;
    }
  }

  async #untilGone(): Promise<void> {
    const { how, stderr, outcome } = await this.#channel.ended;
    await this.#journal?.close();
    await this.#observations?.close();
    if (this.#options.mayBeLost === true && this.#hasBegun && !this.#isDone && !this.#isGivenUp) {
      this.lost = how;
      this.stats = { ...this.stats, inFlight: 0, connected: 0, unstarted: 0 };
      this.#done.resolve(undefined);
    }
    if (outcome === 'unknown') {
      this.#fail(`its connection broke, and it ends with it: ${how}`, 'EnvironmentError');
    } else if (!fromOutside.has(how)) this.#fail(`ended early with ${how}`, '', stderr);
    else this.#fail(`ended early with ${how} from outside${why(how)}`, 'EnvironmentError');
  }

  #fail(what: string, errorName = '', stderr = ''): void {
    const said = stderr.split('\n').slice(-8).join('\n');
    const message = `load worker ${this.number}: ${what}`;
    const error =
      errorName === 'EnvironmentError'
        ? new EnvironmentError(message)
        : new HarnessBug(said === '' ? message : `${message}\n${said}`);
    this.#ready.reject(error);
    this.#begun.reject(error);
    this.#done.reject(error);
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function why(signal: string): string {
  return signal === 'SIGKILL' ? ', as the kernel does when memory is short (see dmesg)' : '';
}
