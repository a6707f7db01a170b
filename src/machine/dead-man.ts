import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Guard } from '../contracts/cluster.ts';
import { ClusterError, messageOf } from '../std/errors.ts';
import type { Channel, Shell } from '../contracts/shell.ts';
import { monotonicMs } from '../std/wait.ts';
import { deadManScript } from './dead-man-script.ts';

/** How long the harness may be silent. */
export const leaseSeconds = 3;
const renewEveryMs = 500;
/** Longer than the script waits for the end of another owner's timer. */
const armTimeoutMs = 20_000;
const releaseTimeoutMs = 5_000;

/** A machine that a timer can guard. */
export interface GuardedMachine {
  readonly name: string;
  /** Path of the timer's mark on its machine; '' if no two timers can meet there. */
  readonly mark: string;
  /** The functions for deadManScript. */
  readonly healing: string;
  /** Where the timer runs. */
  readonly shell: Shell;
}

/**
 * Arms one timer per machine. `isNeeded`: whether a fault was in force within so many milliseconds; default: always. A timer that
 * acted, or whose connection broke, when there was nothing to heal is armed again, and nothing is lost.
 * Errors: ClusterError naming the machine where none can be armed, or another owner's is in force.
 */
export async function guardMachines(
  machines: readonly GuardedMachine[],
  owner: string,
  isNeeded: (withinMs: number) => boolean = () => true,
): Promise<Guard> {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  const timers = machines.map(
    (machine) => new Timer(machine, { owner, isNeeded, onLost: lost.reject }),
  );
  const clock = setInterval(() => {
    for (const timer of timers) timer.renew();
  }, renewEveryMs);
  let isReleased: Promise<readonly string[]> | undefined;
  const release = (): Promise<readonly string[]> => {
    clearInterval(clock);
    isReleased ??= Promise.all(timers.map((timer) => timer.release())).then((said) => said.flat());
    return isReleased;
  };
  // Waits for all, then throws the first failure: one reason is enough, since it is usually common to all.
  const armed = await Promise.allSettled(timers.map((timer) => timer.arm()));
  const failed = armed.find((one) => one.status === 'rejected');
  if (failed) {
    await release();
    throw failed.reason;
  }
  return {
    lost: lost.promise,
    release,
    [Symbol.asyncDispose]: async () => {
      await release();
    },
  };
}

class Timer {
  readonly #machine: GuardedMachine;
  readonly #owner: string;
  readonly #isNeeded: (withinMs: number) => boolean;
  readonly #onLost: (error: ClusterError) => void;
  /** When it said last that it is in force: until then it has not healed. */
  #heardMs = 0;
  /** A later round is another owner: that an earlier one healed is of no account. */
  #round = 0;
  /** Since when it is unknown whether the timer is in force; undefined: it is. */
  #brokenAtMs: number | undefined;
  /** It broke while a fault was in force. */
  #isInDoubt = false;
  #command: Channel | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isArming = false;
  #isOver = false;
  /** Set once it has healed. */
  #healed: ClusterError | undefined;

  constructor(
    machine: GuardedMachine,
    {
      owner,
      isNeeded,
      onLost,
    }: {
      readonly owner: string;
      readonly isNeeded: (withinMs: number) => boolean;
      readonly onLost: (error: ClusterError) => void;
    },
  ) {
    this.#machine = machine;
    this.#owner = owner;
    this.#isNeeded = isNeeded;
    this.#onLost = onLost;
  }

  async arm(): Promise<void> {
    this.#isArming = true;
    const { name, mark, healing } = this.#machine;
    try {
      const command = await this.#machine.shell.open([
        ...['bash', '-c', deadManScript(healing), 'bash'],
        ...[
          String(leaseSeconds),
          this.#round === 0 ? this.#owner : `${this.#owner} ${this.#round}`,
          mark,
        ],
      ]);
      this.#command = command;
      const answer = await within(armTimeoutMs, this.#listen(command));
      if (answer === 'armed') this.#armed();
      if (answer === 'armed' || answer === 'healed') return;
      throw new Error(
        answer === 'busy' ? "another run's is in force there" : (answer ?? 'silence'),
      );
    } catch (error) {
      throw new ClusterError(`${name}: its dead-man timer cannot be armed: ${messageOf(error)}`, {
        cause: error,
      });
    } finally {
      this.#isArming = false;
    }
  }

  renew(): void {
    if (this.#command) this.#command.stdin.write('\n');
    else if (!this.#isArming && !this.#isOver && !this.#healed) {
      // The machine was killed with everything on it, or the connection broke: in both cases the faults end or are healed.
      this.arm().catch(() => undefined);
    }
  }

  /** Resolves with its first word, or with its error output if it ends without one. */
  #listen(command: Channel): Promise<string> {
    const first = Promise.withResolvers<string>();
    const lines = createInterface({ input: command.stdout });
    let words = 0;
    lines.on('line', (word) => {
      words += 1;
      first.resolve(word);
      if (word === 'armed' || word === 'held') this.#heardMs = monotonicMs();
      if (word !== 'healed') return;
      // As its first word: an earlier timer of this round healed, when there was something to heal.
      if (words === 1 || this.#wasNeeded()) this.#lose();
    });
    // Both, in any order: no output may be missed.
    this.#ended = Promise.all([command.ended, once(lines, 'close')]).then(([{ stderr }]) => {
      if (this.#command === command) this.#break();
      first.resolve(stderr);
    });
    this.#ended.catch(() => undefined);
    return first.promise;
  }

  #break(): void {
    this.#command = undefined;
    if (this.#isOver || this.#healed) return;
    this.#brokenAtMs ??= monotonicMs();
    if (this.#wasNeeded()) this.#isInDoubt = true;
    else if (!this.#isInDoubt) this.#round += 1;
  }

  /** Whether there was something to heal since it was heard last. */
  #wasNeeded(): boolean {
    return this.#isNeeded(monotonicMs() - this.#heardMs);
  }

  /** The timer before may have healed what came into force since it broke. */
  #armed(): void {
    const silentMs = this.#brokenAtMs === undefined ? 0 : monotonicMs() - this.#brokenAtMs;
    if (this.#round > 0 && silentMs > 0 && this.#isNeeded(silentMs)) this.#lose();
    this.#brokenAtMs = undefined;
    this.#isInDoubt = false;
  }

  #lose(): void {
    this.#healed ??= new ClusterError(
      `${this.#machine.name}: its dead-man timer healed it during the run: the harness was silent for ${leaseSeconds} s or more`,
    );
    this.#onLost(this.#healed);
  }

  async release(): Promise<readonly string[]> {
    this.#isOver = true;
    const command = this.#command;
    if (command) {
      command.stdin.end('over\n');
      const isQuiet =
        (await within(
          releaseTimeoutMs,
          this.#ended.then(() => true),
        )) !== true;
      if (isQuiet && !this.#healed) {
        return [`${this.#machine.name}: its dead-man timer did not answer; it may have healed`];
      }
    }
    if (!this.#healed && this.#isInDoubt) {
      return [
        `${this.#machine.name}: its dead-man timer could not be reached again; it has healed what was in force`,
      ];
    }
    return this.#healed ? [this.#healed.message] : [];
  }
}

/** Undefined if that takes longer. */
async function within<T>(timeoutMs: number, task: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    return await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}
