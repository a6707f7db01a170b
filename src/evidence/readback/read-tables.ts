import type { InvariantReading } from '../../contracts/evidence.ts';
import type { Session } from '../../pg/session.ts';
import { readInvariants } from './invariants.ts';
import { type Content, readContent, type ReadRequest } from './read-node.ts';

/** How the table, the invariant or the partition of a group is called among those of the others: `far/ledger`. */
export function nameIn(group: string | undefined, name: string): string {
  return group === undefined ? name : `${group}/${name}`;
}

/**
 * The rows of every table of a run on one node, as if they were in one: a writer writes to one table only.
 * Errors: those of readContent.
 */
export async function readTables(session: Session, request: ReadRequest): Promise<Content> {
  const { others = [] } = request;
  const own = await readContent(session, request);
  if (others.length === 0) return own;
  const found = [{ content: own }] as { group?: string; content: Content }[];
  for (const other of others) {
    const content = await readContent(session, other);
    found.push({ ...(other.group !== undefined && { group: other.group }), content });
  }
  const contents = found.map(({ content }) => content);
  const sum = (of: (content: Content) => number) => contents.reduce((all, one) => all + of(one), 0);
  const unkeyed = sum(({ unkeyed: rows = 0 }) => rows);
  const ids = contents.find((content) => content.ids)?.ids;
  return {
    rows: sum(({ rows }) => rows),
    ...(unkeyed > 0 && { unkeyed }),
    writers: contents.flatMap(({ writers }) => writers).sort((a, b) => a.writer - b.writer),
    foreign: contents.flatMap(({ foreign }) => foreign),
    partitions: [],
    ...(ids && { ids }),
    tables: found.map(({ group, content: { rows, partitions } }) => {
      return { ...(group !== undefined && { group }), rows, partitions };
    }),
    structure: found.flatMap(({ group, content: { structure } }) =>
      structure.map(({ relation, message }) => ({ relation: nameIn(group, relation), message })),
    ),
  };
}

/** Of every table, in the same snapshot. Errors: those of readInvariants. */
export async function readAllInvariants(
  session: Session,
  request: ReadRequest,
): Promise<readonly InvariantReading[]> {
  const readings: InvariantReading[] = [];
  for (const { group, invariants } of [request, ...(request.others ?? [])]) {
    for (const reading of await readInvariants(session, invariants)) {
      readings.push({ ...reading, name: nameIn(group, reading.name) });
    }
  }
  return readings;
}
