import type { IsOnHistory } from '../causes/on-history.ts';
import type { WritePosition } from '../causes/gone-write.ts';
import type { LoggedChange } from './answer-log.ts';

/** Whether a write is on the history of the final primary. `off`: for certain not. */
export type Fate = 'on' | 'off' | 'uncertain';

/** Of one row that was updated or deleted. */
export interface RowFates {
  readonly insert: Fate;
  readonly updates: ReadonlyMap<number, Fate>;
  /** Of its delete; all of them together, for a row is deleted once. */
  readonly delete: Fate;
}

export interface ChangedRow {
  /** Of its insert; undefined: it was not acknowledged, or its position is unknown. */
  readonly inserted: WritePosition | undefined;
  readonly changes: readonly LoggedChange[];
  /** On the final primary; undefined: the row is not there. */
  readonly version: number | undefined;
  /** Its journal is cut: a delete may be unknown. */
  readonly mayHideDeletes: boolean;
}

/**
 * Which writes of a row are on the history of the final primary, by what is left of the row and by their positions in the WAL. A
 * version only grows, a key is inserted once, and a row that is gone was deleted or never there.
 */
export function rowFates(row: ChangedRow, isOnHistory: IsOnHistory): RowFates {
  const { changes, version, mayHideDeletes } = row;
  const byPosition = (change: LoggedChange): Fate => {
    if (change.outcome === 'failed') return 'off';
    return fateOf(change.position && isOnHistory(change.position));
  };
  const updates = changes.filter(({ kind }) => kind === 'update');
  if (version !== undefined) {
    const fates = updates.map((update) => {
      const fate = update.version === version ? 'on' : byPosition(update);
      return [update.version, update.version > version ? 'off' : fate] as const;
    });
    return { insert: 'on', updates: new Map(fates), delete: 'off' };
  }
  const deletes = changes.filter(({ kind }) => kind === 'delete').map(byPosition);
  const isOpen = mayHideDeletes || deletes.includes('uncertain');
  return ofAbsentRow({
    insert: fateOf(row.inserted && isOnHistory(row.inserted)),
    updates: new Map(updates.map((update) => [update.version, byPosition(update)] as const)),
    delete: deletes.includes('on') ? 'on' : isOpen ? 'uncertain' : 'off',
  });
}

/** Its insert and its delete are on the history together, or neither is. */
function ofAbsentRow({ insert, updates, delete: deleted }: RowFates): RowFates {
  const wasThere = insert === 'on' || [...updates.values()].includes('on');
  if (deleted === 'off' || (insert === 'off' && deleted !== 'on')) {
    const none = new Map([...updates.keys()].map((version) => [version, 'off'] as const));
    return { insert: 'off', updates: none, delete: 'off' };
  }
  if (deleted === 'on' || wasThere) return { insert: 'on', updates, delete: 'on' };
  return { insert, updates, delete: deleted };
}

function fateOf(isOn: boolean | null | undefined): Fate {
  if (isOn === undefined || isOn === null) return 'uncertain';
  return isOn ? 'on' : 'off';
}
