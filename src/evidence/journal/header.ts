import type { JournalHeader } from '../../contracts/evidence.ts';
import { messageOf, ScenarioError } from '../../std/errors.ts';
import { MAGIC, MOST_WRITERS, NO_NODE, SCHEMA_VERSIONS } from './format.ts';

/**
 * The header of a journal, or undefined when these bytes are no header.
 * Errors: ScenarioError for a schema version this Forkpoint does not know, for another run's journal, and for what no
 * journal can hold: its numbers become the sizes of lists.
 */
export function parseHeader(
  path: string,
  body: Buffer,
  expectedRunId: string | undefined,
): JournalHeader | undefined {
  const text = body.toString();
  if (!text.startsWith(MAGIC)) return undefined;
  const raw = parsed(path, text.slice(MAGIC.length));
  if (!SCHEMA_VERSIONS.includes(Number(raw.schemaVersion))) {
    throw new ScenarioError(
      `${path}: journal of schema version ${String(raw.schemaVersion)}, this Forkpoint reads ` +
        `versions ${SCHEMA_VERSIONS.join(' and ')}; judge it with the Forkpoint that wrote it`,
    );
  }
  if (!isHeader(raw))
    throw new ScenarioError(`${path}: the journal's header is not as a run writes it`);
  if (expectedRunId !== undefined && raw.runId !== expectedRunId) {
    throw new ScenarioError(`${path}: journal of run ${raw.runId}, not of run ${expectedRunId}`);
  }
  return raw;
}

type Raw = Partial<Record<keyof JournalHeader, unknown>>;

function parsed(path: string, json: string): Raw {
  try {
    return (JSON.parse(json) ?? {}) as Raw;
  } catch (error) {
    throw new ScenarioError(`${path}: the journal's header is no JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function isHeader(raw: Raw): raw is JournalHeader {
  return (
    typeof raw.runId === 'string' &&
    typeof raw.originNs === 'string' &&
    [raw.worker, raw.firstWriter, raw.writers].every(isBelowMost) &&
    Number(raw.firstWriter) + Number(raw.writers) <= MOST_WRITERS &&
    Array.isArray(raw.nodes) &&
    raw.nodes.length < NO_NODE &&
    raw.nodes.every((node) => typeof node === 'string')
  );
}

function isBelowMost(field: unknown): boolean {
  return Number.isSafeInteger(field) && Number(field) >= 0 && Number(field) <= MOST_WRITERS;
}
