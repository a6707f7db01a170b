import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { ClientSite } from '../contracts/cluster.ts';
import type { ConsumerInput, ConsumerLine } from '../contracts/downstream.ts';
import type { Channel } from '../contracts/shell.ts';
import { ClusterError } from '../std/errors.ts';
import { ownModule } from '../std/own-module.ts';
import { waitUntil } from '../std/wait.ts';

const program = fileURLToPath(ownModule('./cdc', import.meta.url));
const startTimeoutMs = 30_000;
const signalTimeoutMs = 10_000;
/** SIGTERM gives it 30 s to deliver what it has. */
const endTimeoutMs = 35_000;
/** Of one that ended without a word. */
const restartAfterMs = 1_000;

export interface ConsumerProcessOptions {
  readonly site: Pick<ClientSite, 'shell'>;
  readonly input: ConsumerInput;
  /** Absent: the shipped consumer. */
  readonly command: readonly string[] | undefined;
  /** Called with each line as the consumer wrote it. */
  readonly line: (text: string, line: ConsumerLine) => void;
}

/** What the harness says of a consumer, among the consumer's own lines. */
type HarnessWord =
  | { readonly type: 'retry'; readonly what: string }
  | { readonly type: 'ended'; readonly how: string }
  | { readonly type: 'frozen' | 'thawed' };

/** One consumer and its successors: one that crashes is started again; one that says it stops, or is ended, is not. */
export class ConsumerProcess {
  /** The furthest position that its sink has committed, by its own word. */
  lsn: string | undefined;
  /** Why it ended by itself. */
  stopped: string | undefined;
  readonly #options: ConsumerProcessOptions;
  #channel: Channel | undefined;
  #pid: number | undefined;
  #isWanted = false;

  constructor(options: ConsumerProcessOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#channel !== undefined;
  }

  /** Resolves when it has started. Harmless while it runs. Errors: ClusterError, EnvironmentError. */
  async start(): Promise<void> {
    this.#isWanted = true;
    if (this.#channel) return;
    const { site, input, command = [process.execPath, program] } = this.#options;
    const channel = await site.shell.open(command);
    this.#channel = channel;
    this.#pid = undefined;
    createInterface({ input: channel.stdout }).on('line', (text) => this.#hear(text));
    channel.stdin.write(`${JSON.stringify(input)}\n`);
    void this.#untilEnded(channel);
    const decided = await waitUntil(
      `consumer ${input.name} has started`,
      () => this.#pid ?? (this.#channel !== channel && 'ended'),
      { timeoutMs: startTimeoutMs },
    );
    if (decided !== 'ended') return;
    const { how, stderr } = await channel.ended;
    throw new ClusterError(
      `consumer ${input.name}: ${command.join(' ')} ended before it said that it had started (${how}): ${stderr.trim()}`,
    );
  }

  /** SIGSTOP or SIGCONT. Errors: ClusterError when it does not run. */
  async signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const { name } = this.#options.input;
    if (!this.#channel || this.#pid === undefined) {
      throw new ClusterError(`consumer ${name} does not run, so ${signal} meets nothing`);
    }
    await this.#send(this.#pid, signal);
    this.#note({ type: signal === 'SIGSTOP' ? 'frozen' : 'thawed' });
  }

  /** Resolves when it has ended. Errors: ClusterError when it did not in time. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#isWanted = false;
    const channel = this.#channel;
    if (!channel) return;
    const { input } = this.#options;
    if (this.#pid === undefined) channel.kill();
    else await this.#send(this.#pid, signal);
    try {
      await waitUntil(`consumer ${input.name} ends`, () => this.#channel !== channel, {
        timeoutMs: endTimeoutMs,
      });
    } catch (cause) {
      channel.kill();
      throw new ClusterError(
        `consumer ${input.name} did not end within ${endTimeoutMs / 1000} s of ${signal}`,
        { cause },
      );
    }
  }

  async #send(pid: number, signal: NodeJS.Signals): Promise<void> {
    const argv = ['kill', '-s', signal.slice('SIG'.length), String(pid)];
    await this.#options.site.shell.run(argv, { timeoutMs: signalTimeoutMs });
  }

  async #untilEnded(channel: Channel): Promise<void> {
    const { how, stderr } = await channel.ended;
    this.#channel = undefined;
    this.#note({ type: 'ended', how });
    const mayGoOn = this.#isWanted && this.stopped === undefined;
    if (!mayGoOn) return;
    this.#note({ type: 'retry', what: `it ended (${how}) and is started again: ${stderr}` });
    setTimeout(() => {
      if (this.#isWanted) void this.start().catch(() => undefined);
    }, restartAfterMs);
  }

  #hear(text: string): void {
    let line: ConsumerLine;
    try {
      line = JSON.parse(text) as ConsumerLine;
    } catch {
      this.#note({
        type: 'retry',
        what: `it wrote a line that is not JSON: ${text.slice(0, 200)}`,
      });
      return;
    }
    if (line.type === 'started') this.#pid = line.pid;
    if (line.type === 'delivered') this.lsn = line.lsn;
    if (line.type === 'stopped' && !line.isAsked) this.stopped = line.why;
    this.#options.line(text, line);
  }

  #note(said: HarnessWord): void {
    const line: ConsumerLine = { ...said, atNs: String(process.hrtime.bigint()) };
    this.#options.line(JSON.stringify(line), line);
  }
}
