import type { JournalHeader } from '../contracts/evidence.ts';
import { ScenarioError } from '../errors.ts';
import { MAGIC, SCHEMA_VERSION } from './journal-format.ts';

/**
 * The header of a journal, or undefined when these bytes are no header.
 * Errors: ScenarioError for a schema version this Forkpoint does not know, and for another run's journal.
 */
export function parseHeader(
  path: string,
  body: Buffer,
  expectedRunId: string | undefined,
): JournalHeader | undefined {
  const text = body.toString();
  if (!text.startsWith(MAGIC)) return undefined;
  const raw = JSON.parse(text.slice(MAGIC.length)) as Partial<Record<keyof JournalHeader, unknown>>;
  if (raw.schemaVersion !== SCHEMA_VERSION) {
    throw new ScenarioError(
      `${path}: journal of schema version ${String(raw.schemaVersion)}, this Forkpoint reads ` +
        `version ${SCHEMA_VERSION}; judge it with the Forkpoint that wrote it`,
    );
  }
  if (!isHeader(raw)) throw new ScenarioError(`${path}: the journal's header is incomplete`);
  if (expectedRunId !== undefined && raw.runId !== expectedRunId) {
    throw new ScenarioError(`${path}: journal of run ${raw.runId}, not of run ${expectedRunId}`);
  }
  return raw;
}

function isHeader(raw: Partial<Record<keyof JournalHeader, unknown>>): raw is JournalHeader {
  return (
    typeof raw.runId === 'string' &&
    typeof raw.originNs === 'string' &&
    [raw.worker, raw.firstWriter, raw.writers].every((field) => Number.isSafeInteger(field)) &&
    Array.isArray(raw.nodes) &&
    raw.nodes.every((node) => typeof node === 'string')
  );
}
