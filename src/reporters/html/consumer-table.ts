import type { Result } from '../../contracts/result.ts';
import {
  consumerHead,
  consumerRows,
  consumerSentences,
} from '../../render/support/consumer-rows.ts';
import type { Markup } from '../../render/support/markup.ts';
import { table } from '../../render/support/table.ts';

/** What each consumer delivered; nothing where the scenario has none. */
export function consumers(result: Result): Markup | undefined {
  const said = consumerSentences(result).join(' ');
  const head = consumerHead.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`);
  return table('Consumers', head, consumerRows(result), said === '' ? undefined : said);
}
