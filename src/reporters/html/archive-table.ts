import type { Result } from '../../contracts/result.ts';
import { archiveSentences, restoreHead, restoreRows } from '../../render/support/archive-rows.ts';
import type { Markup } from '../../render/support/markup.ts';
import { table } from '../../render/support/table.ts';

/** What each restore from the archive gave back; nothing where the cluster has none. */
export function archive(result: Result): Markup | undefined {
  const said = archiveSentences(result).join(' ');
  const head = restoreHead.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`);
  return table('Archive', head, restoreRows(result), said === '' ? undefined : said);
}
