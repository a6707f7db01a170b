import type { Result } from '../../contracts/result.ts';
import { groupHead, groupNote, groupRows } from '../../render/support/group-rows.ts';
import type { Markup } from '../../render/support/markup.ts';
import { table } from '../../render/support/table.ts';

/** What each group of clients got; nothing where the load names none. */
export function groups(result: Result): Markup | undefined {
  const head = groupHead.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`);
  return table('Groups', head, groupRows(result), groupNote);
}
