import type { Invariant, Statement, WorkloadContext } from '../../contracts/workload.ts';
import { plain, tableIn } from '../support/sql.ts';
import { trackedSetup } from '../support/tracked-table.ts';
import { seedWriter, type RecordsParams } from './params.ts';
import { fields, firstNames, mostScore, statuses } from './row.ts';

type Context = WorkloadContext<RecordsParams>;

export const columns = [
  ...['name text NOT NULL', 'email text NOT NULL', 'age int NOT NULL', 'address text NOT NULL'],
  ...['phone text NOT NULL', 'status text NOT NULL', 'score int NOT NULL'],
  ...[
    'created_at timestamptz NOT NULL DEFAULT now()',
    'updated_at timestamptz NOT NULL DEFAULT now()',
  ],
];

/** Rows of one statement: its transaction ends well within the limit of a statement. */
const rowsPerStatement = 50_000;

/** The table, its rows before the load, and then its indexes. */
export function recordsSetup(context: Context): readonly Statement[] {
  const { schema, params } = context;
  const table = tableIn(schema, 'record');
  const { partitions, unlogged: isUnlogged = false } = params;
  const shape = { name: 'record', columns, partitions, isUnlogged };
  const first = Array.from(
    { length: Math.ceil(params.seedRows / rowsPerStatement) },
    (_, part) => part * rowsPerStatement,
  );
  return [
    ...trackedSetup(context, shape),
    ...first.map((from) => seeding(context, from)),
    plain(`CREATE INDEX ON ${table} (email)`),
    plain(`CREATE INDEX ON ${table} (created_at)`),
    plain(`CREATE INDEX ON ${table} (status, score)`),
    // A prefix is looked up whatever the database's collation is.
    plain(`CREATE INDEX ON ${table} (name text_pattern_ops)`),
    plain(`ANALYZE ${table}`),
  ];
}

/** As clients make them, but by the server: their checksum, too. */
function seeding({ schema, seed, payloadBytes, params }: Context, from: number): Statement {
  const to = Math.min(from + rowsPerStatement, params.seedRows) - 1;
  const list = (texts: readonly string[]) => `ARRAY['${texts.join("', '")}']`;
  const drawn = (text: string, limit: number) =>
    `(abs(hashint4(hashtext('${text} ${seed}') # seq)::int8) % ${limit})`;
  return plain(
    `INSERT INTO ${tableIn(schema, 'record')} (writer, seq, version, checksum, payload, ${fields.join(', ')})
     SELECT ${seedWriter}, seq, 0, hashtextextended(payload, seq::int8) # (${seedWriter})::int8, payload, ${fields.join(', ')}
       FROM (SELECT *, concat_ws('|', ${fields.join(', ')}, data) AS payload
         FROM (SELECT seq,
             (${list(firstNames)})[1 + ${drawn('name', firstNames.length)}] || ' Seed ' || seq AS name,
             'seed.' || seq || '@example.com' AS email,
             (18 + ${drawn('age', 80)})::int AS age,
             (1 + ${drawn('address', 200)}) || ' Main Street' AS address,
             '+49 30 ' || (1000000 + ${drawn('phone', 9_000_000)}) AS phone,
             (${list(statuses)})[1 + ${drawn('status', statuses.length)}] AS status,
             ${drawn('score', mostScore + 1)}::int AS score,
             left(repeat(md5('${seed} ' || seq), ${Math.ceil(payloadBytes / 32)}), ${payloadBytes}) AS data
           FROM generate_series(${from}, ${to}) AS seq) AS field) AS made`,
  );
}

export function recordsInvariants({ schema, params }: Context): readonly Invariant[] {
  const table = tableIn(schema, 'record');
  const differs = fields
    .map((field, index) => `${field}::text <> split_part(payload, '|', ${index + 1})`)
    .join(' OR ');
  return [
    {
      name: 'columns',
      says: 'each column is as the checksummed content of its row says',
      statement: plain(
        `SELECT writer, seq, version, ${fields.join(', ')} FROM ${table}
          WHERE ${differs} OR updated_at < created_at`,
      ),
    },
    {
      name: 'seed-rows',
      says: 'the rows that were there before the load are still there, as they were',
      statement: plain(
        `SELECT count(*)::int AS found, ${params.seedRows} AS expected FROM ${table}
          WHERE writer = ${seedWriter} AND version = 0
            AND checksum = hashtextextended(payload, seq::int8) # writer::int8
         HAVING count(*) <> ${params.seedRows}`,
      ),
    },
  ];
}
