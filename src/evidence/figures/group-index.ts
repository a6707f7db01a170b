import type { NamedWriters } from '../../scenario/words/groups.ts';

/** The number of each writer's group, as the plan has them; -1: of none. */
export class GroupIndex {
  readonly names: readonly string[];
  readonly #ofWriter: readonly number[];

  constructor(groups: readonly NamedWriters[]) {
    this.names = groups.map(({ name }) => name);
    this.#ofWriter = groups.flatMap(({ clients }, at) => Array<number>(clients).fill(at));
  }

  of(writer: number): number {
    return this.#ofWriter[writer] ?? -1;
  }
}
