import { SqlError } from './session.ts';

const remedies: Readonly<Record<string, string>> = {
  '28P01': '; check the user and where its password comes from',
  '28000': '; pg_hba.conf refuses this login: allow it, or use another',
  '3D000': '; check the name of the database',
  '53300': '; no connection is free: raise max_connections, or try when fewer are in use',
  '57P03': '; it is starting up, or is no hot standby',
};

/** What to do about a login that failed, to be put after the message; empty where there is no advice. */
export function remedyFor(error: unknown): string {
  if (!(error instanceof SqlError)) return '';
  const known = remedies[error.sqlState];
  if (known !== undefined) return known;
  if (!error.wasReached) return '; check host and port, and that it runs';
  return error.sqlState === '' ? '; check the TLS settings' : '';
}
