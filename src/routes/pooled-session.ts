import type { Credentials } from '../contracts/cluster.ts';
import type { Statement } from '../contracts/workload.ts';
import { sessionSettings } from '../pg/session-settings.ts';
import { serverAddress } from './identity.ts';

/**
 * What a connection through a pooler begins with, for a pooler refuses settings at the start of a session: its settings, and
 * the server behind it. `scope`: until the end of the session, or of the transaction that it is sent in.
 * Its answer is one ServerAddress.
 */
export function openingStatement(
  credentials: Pick<Credentials, 'settings'>,
  scope: 'session' | 'transaction',
): Statement {
  const settings = { ...credentials.settings, ...sessionSettings() };
  return {
    text: `SELECT ${serverAddress}, (SELECT count(set_config(wanted.name, wanted.value, ${scope === 'transaction'}))
      FROM unnest($1::text[], $2::text[]) AS wanted (name, value)) AS settings`,
    values: [Object.keys(settings), Object.values(settings)],
  };
}
