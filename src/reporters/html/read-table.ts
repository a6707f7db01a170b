import type { Result } from '../../contracts/result.ts';
import type { Markup } from '../../render/support/markup.ts';
import {
  clientReadSentences,
  readTimeSentences,
  readHead,
  readRows,
  stepBackSentences,
} from '../../render/support/read-rows.ts';
import { table } from '../../render/support/table.ts';

/** How old the state was that reads saw; nothing where nothing was read. */
export function reads(result: Result): Markup | undefined {
  const missing = (result.reads?.missing ?? []).map((why) => `Reads are missing: ${why}.`);
  const sentences = [
    ...readTimeSentences(result),
    ...clientReadSentences(result),
    ...stepBackSentences(result),
  ];
  const said = [...sentences, ...missing].join(' ');
  const head = readHead.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`);
  return table('Reads', head, readRows(result), said === '' ? undefined : said);
}
