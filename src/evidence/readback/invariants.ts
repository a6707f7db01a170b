import type { InvariantReading } from '../../contracts/evidence.ts';
import type { Json } from '../../contracts/json.ts';
import type { Invariant } from '../../contracts/workload.ts';
import { type Session, SqlError } from '../../pg/session.ts';

const examplesKept = 5;
/** A session that goes on says this severity; FATAL and a broken connection end it. */
const goesOn = 'ERROR';

interface Found {
  readonly breaches: number;
  readonly examples: readonly Json[];
}

/**
 * Asks a node what must hold, within the snapshot that the caller has begun. One that fails by itself (a table that is not
 * there) is a problem of that invariant. Errors: SqlError when the session cannot go on.
 */
export async function readInvariants(
  session: Session,
  invariants: readonly Invariant[],
): Promise<readonly InvariantReading[]> {
  const readings: InvariantReading[] = [];
  for (const invariant of invariants) readings.push(await readOne(session, invariant));
  return readings;
}

async function readOne(
  session: Session,
  { name, statement: { text, values } }: Invariant,
): Promise<InvariantReading> {
  const query = `WITH breach AS (${text})
    SELECT count(*)::float8 AS breaches, coalesce((SELECT json_agg(shown)
      FROM (SELECT * FROM breach LIMIT ${examplesKept}) AS shown), '[]') AS examples FROM breach`;
  await session.rows('SAVEPOINT invariant');
  try {
    const [found] = await session.rows<Found>(query, values);
    return { name, breaches: found?.breaches ?? null, examples: found?.examples ?? [] };
  } catch (error) {
    if (!(error instanceof SqlError) || error.severity !== goesOn) throw error;
    // The index that is broken is looked for by the caller, which reads all once more without it.
    if (error.sqlState.startsWith('XX')) throw error;
    await session.rows('ROLLBACK TO SAVEPOINT invariant');
    return { name, breaches: null, examples: [], problem: error.message };
  }
}
