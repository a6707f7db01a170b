import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of a process in seconds, user and system, of all its threads; undefined when it is gone. Source: schedstat, in ns. */
export function cpuSecondsOf(pid: number): number | undefined {
  try {
    const folder = `/proc/${pid}/task`;
    const ns = readdirSync(folder).map((thread) =>
      Number(readFileSync(`${folder}/${thread}/schedstat`, 'latin1').split(' ')[0]),
    );
    return ns.reduce((sum, each) => sum + each, 0) / 1e9;
  } catch {
    return undefined;
  }
}

export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .split(' ')
    .map(Number)
    .filter((child) => child > 0);
}

const everyMs = 20;

/** CPU seconds of processes from now on; what a process spends in its last moments, at most 20 ms, may be missed. */
export class CpuWatch implements Disposable {
  readonly #first: ReadonlyMap<number, number>;
  readonly #last = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(pids: readonly number[]) {
    this.#first = new Map(pids.map((pid) => [pid, cpuSecondsOf(pid) ?? 0]));
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  seconds(): number {
    this.#look();
    return [...this.#first].reduce(
      (sum, [pid, first]) => sum + Math.max(0, (this.#last.get(pid) ?? 0) - first),
      0,
    );
  }

  #look(): void {
    for (const pid of this.#first.keys()) {
      const now = cpuSecondsOf(pid);
      if (now !== undefined) this.#last.set(pid, now);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
