import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Figures } from '../../contracts/figures.ts';
import { messageOf } from '../../std/errors.ts';

export const timeseriesFile = 'timeseries.jsonl';

/**
 * timeseries.jsonl while it is written: the figures of each second, as they were known right after it. Nothing is judged by
 * it, so a write that fails is said once and ends it, and not the run.
 */
export class TimeseriesLog implements Disposable {
  readonly #file: string;
  readonly #onFailure: (what: string) => void;
  #fd: number | undefined;

  constructor(directory: string, onFailure: (what: string) => void) {
    this.#file = path.join(directory, timeseriesFile);
    this.#onFailure = onFailure;
    this.#try(() => {
      this.#fd = openSync(this.#file, 'ax');
    });
  }

  append(figures: Figures): void {
    const fd = this.#fd;
    if (fd !== undefined) this.#try(() => void writeSync(fd, `${JSON.stringify(figures)}\n`));
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this[Symbol.dispose]();
      this.#onFailure(`cannot write ${this.#file}: ${messageOf(error)}`);
    }
  }
}

type Clients = Pick<Figures, 'clients' | 'bytes'>;
export type StoredClients = Clients & { readonly groups?: Readonly<Record<string, Clients>> };

function clientsIn({ clients, bytes }: Clients): Clients {
  return { ...(clients && { clients }), ...(bytes && { bytes }) };
}

/** What stood in timeseries.jsonl of the clients, by the second; empty where there is no such file, or it is torn. */
export function storedClients(directory: string): ReadonlyMap<number, StoredClients> {
  const file = path.join(directory, timeseriesFile);
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').split('\n');
  return new Map(
    lines.flatMap((line) => {
      try {
        const { atMs, groups, ...all } = JSON.parse(line) as Figures;
        const ofGroups = Object.entries(groups ?? {}).map(([name, group]) => {
          return [name, clientsIn(group)] as const;
        });
        const own = clientsIn(all);
        return [[atMs, { ...own, groups: Object.fromEntries(ofGroups) }] as const];
      } catch {
        return [];
      }
    }),
  );
}
