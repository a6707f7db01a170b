import type { Statement } from '../contracts/workload.ts';
import { quoteIdentifier } from '../pg/quote.ts';

/** In the run's schema, under a name that no workload has. One row per beat: two never wait for each other's lock. */
function tableIn(schema: string): string {
  return `${quoteIdentifier(schema)}.forkpoint_heartbeat`;
}

export function heartbeatSetup(schema: string): Statement {
  return { text: `CREATE TABLE ${tableIn(schema)} (beat int PRIMARY KEY)`, values: [] };
}

export function insertBeat(schema: string, beat: number): Statement {
  const text = `INSERT INTO ${tableIn(schema)} (beat) VALUES ($1)`;
  return { name: 'forkpoint_heartbeat', text, values: [beat] };
}

/** As an expression: the newest beat that the snapshot shows; 0: none. */
export function newestBeat(schema: string): string {
  return `(SELECT coalesce(max(beat), 0) FROM ${tableIn(schema)})`;
}
