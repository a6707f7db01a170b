/**
 * Process entry. Runs in a node's own network namespace and stands in for its watchdog: once Patroni has begun to write to the pipe, and
 * then is silent for longer than the timeout that it has set, every process of the node is killed; its Patroni starts again when the
 * machine would have booted.
 * Argument: JSON, see `WatchdogOptions`. Prints a line per event.
 * Protocol: Patroni, watchdog/linux.py, TestingWatchdogDevice, the driver of Patroni's own tests: `Ctimeout=N` and a newline, `1`, `V`.
 */
import { createReadStream } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { isProcessRunning, signalProcesses } from '../../machine/processes.ts';
import { localShell } from '../../shells/local.ts';
import { messageOf } from '../../std/errors.ts';
import { monotonicMs } from '../../std/wait.ts';

export interface WatchdogOptions {
  readonly node: string;
  readonly pipe: string;
  readonly bootMs: number;
  /** Starts Patroni there. */
  readonly start: readonly string[];
}

const everyMs = 100;

/** What Patroni has told the device. */
export class WatchdogState {
  #timeoutMs = Infinity;
  #lastMs: number | undefined;
  #rest = '';

  take(text: string, nowMs: number): void {
    const all = this.#rest + text;
    const end = /C[^\n]*$/.exec(all)?.index ?? all.length;
    this.#rest = all.slice(end);
    for (const [word, seconds] of all.slice(0, end).matchAll(/Ctimeout=(\d+)\n|[1V]/g)) {
      if (seconds !== undefined) this.#timeoutMs = Number(seconds) * 1000;
      this.#lastMs = word === 'V' ? undefined : nowMs;
    }
  }

  /** Since when it has been silent for too long; undefined: it has not, or the watchdog is off. */
  silentSinceMs(nowMs: number): number | undefined {
    if (this.#lastMs === undefined || nowMs - this.#lastMs < this.#timeoutMs) return undefined;
    return this.#lastMs;
  }

  disarm(): void {
    this.#lastMs = undefined;
    this.#rest = '';
  }
}

function watch({ node, pipe, bootMs, start }: WatchdogOptions): void {
  const state = new WatchdogState();
  const machine = { name: node, shell: localShell };
  // Open for writing, too: the pipe never ends when a Patroni does.
  createReadStream(pipe, { flags: 'r+', encoding: 'utf8' }).on('data', (text) =>
    state.take(String(text), monotonicMs()),
  );
  const say = (what: string) => {
    console.log(`${new Date().toISOString()} watchdog of ${node}: ${what}`);
  };
  const boot = async () => {
    if (await isProcessRunning(machine, 'patroni')) return;
    await localShell.run(start);
    say('the node has booted: Patroni was started');
  };
  const reset = async (silentMs: number) => {
    say(`no sign of Patroni for ${(silentMs / 1000).toFixed(1)} s: the node is reset`);
    await signalProcesses(machine, 'node', 'SIGKILL');
    setTimeout(() => void boot().catch((error: unknown) => say(messageOf(error))), bootMs);
  };
  setInterval(() => {
    const nowMs = monotonicMs();
    const sinceMs = state.silentSinceMs(nowMs);
    if (sinceMs === undefined) return;
    state.disarm();
    void reset(nowMs - sinceMs).catch((error: unknown) => say(messageOf(error)));
  }, everyMs);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  watch(JSON.parse(process.argv[2] ?? '{}') as WatchdogOptions);
}
