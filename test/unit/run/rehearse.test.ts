import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { WorkloadContext } from '../../../src/contracts/workload.ts';
import { tracked } from '../../../src/load/tracked.ts';
import { connect } from '../../../src/pg/connect.ts';
import type { Session } from '../../../src/pg/session.ts';
import { asAuthorsError, rehearse } from '../../../src/run/rehearse.ts';
import { messageOf } from '../../../src/std/errors.ts';
import custom from '../../../src/workloads/custom.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres } from '../../helpers/postgres.ts';

const owned = ownedBySuite();
let session: Session;
beforeAll(async () => {
  const server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  session = owned.use(
    await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 }),
  );
});

let schemas = 0;

function contextOf(text: string): WorkloadContext<{ file: string }> {
  const sha256 = createHash('sha256').update(text).digest('hex');
  schemas += 1;
  return {
    ...{ schema: `a "quoted" run ${schemas}`, runId: 'r', seed: 1, batch: 1, payloadBytes: 64 },
    mix: { insert: 1, update: 0, delete: 0 },
    params: { file: 'app.sql' },
    files: { file: { name: 'app.sql', text, sha256 } },
  };
}

/** What the author of this file is told before the load; undefined: nothing. Host and port are replaced. */
async function told(text: string): Promise<string | undefined> {
  const context = contextOf(text);
  expect(custom.problems?.(context)).toEqual([]);
  try {
    for (const statement of tracked(custom).setup(context)) {
      await session.query(statement).catch((error: unknown) => {
        throw asAuthorsError(error, statement);
      });
    }
    await rehearse(session, custom, context);
    return undefined;
  } catch (error) {
    return messageOf(error).replace(/\/\S+:\d+:/, 'SERVER:');
  }
}

const setup = `-- @setup
CREATE TABLE :"schema".t (id int PRIMARY KEY, ö text, other int REFERENCES :"schema".t DEFERRABLE INITIALLY DEFERRED);
INSERT INTO :"schema".t VALUES (1, 'a');
CREATE FUNCTION :"schema".put(new int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO pg_temp.t VALUES (new); END $$;
CREATE FUNCTION :"schema".read(new int) RETURNS int LANGUAGE sql AS $$ SELECT new $$;
`;

describe('before the load a file of workload custom', () => {
  test('that the server accepts leaves nothing behind', async () => {
    const good = `${setup}-- @transaction a\nINSERT INTO :"schema".t VALUES (:seq + 10);
-- @invariant one: only the row of the setup\nSELECT 1 FROM :"schema".t WHERE id > 1;`;
    expect(await told(good)).toBeUndefined();
    const schema = `"a ""quoted"" run ${schemas}"`;
    expect(await session.rows(`SELECT id FROM ${schema}.t`)).toEqual([{ id: 1 }]);
  });

  test.each([
    [
      'an unknown column, behind names of other lengths and letters outside ASCII',
      `${setup}-- @transaction a\nUPDATE :"schema".t SET ö = 'äöü😀' || :writer,\n  id = :writer + colour;`,
      'app.sql:8:18: SERVER: column "colour" does not exist (SQLSTATE 42703)',
    ],
    [
      'a syntax error of the setup',
      '-- @setup\nCREATE TABLE :"schema".t (\n  id int,,\n  b int);\n-- @transaction a\nDELETE FROM t;',
      'app.sql:3:10: SERVER: syntax error at or near "," (SQLSTATE 42601)',
    ],
    [
      'a parameter without a type',
      `${setup}-- @transaction a\nDELETE FROM :"schema".t WHERE :writer IS NULL;`,
      'app.sql:7:1: SERVER: could not determine data type of parameter :writer; say it with a cast, such as ::int (SQLSTATE 42P18)',
    ],
    [
      'other rows touched than it says',
      `${setup}-- @transaction a\n-- @param id range(7, 7)\n-- @rows 1\nUPDATE :"schema".t SET ö = 'b' WHERE id = :id;`,
      'app.sql:9:1: transaction a: says that it touches 1 rows, and touched 0 with :id = 7',
    ],
    [
      'rows that it touches by chance',
      `${setup}INSERT INTO :"schema".t SELECT generate_series(2, 400);
-- @transaction a\n-- @param id range(7, 7)\nUPDATE :"schema".t SET ö = 'b' WHERE id > :id AND random() < 0.5;`,
      expect.stringMatching(
        /^app\.sql:9:1: transaction a: touched \d+ rows, and \d+ when tried again with the same :id = 7: .*-- @rows 0\.\. before it$/,
      ),
    ],
    [
      'a transaction that writes nothing',
      `${setup}-- @transaction a\nSELECT :"schema".read(:seq) FROM :"schema".t FOR UPDATE;`,
      'app.sql:7:1: transaction a writes nothing with :seq = 0: only its witness row could be lost',
    ],
    [
      'a constraint that is checked at COMMIT',
      `${setup}-- @transaction a\nINSERT INTO :"schema".t VALUES (2, 'b', 99);`,
      expect.stringMatching(
        /^app\.sql:7:1: SERVER: insert or update on table "t" violates foreign key.*23503\)$/,
      ),
    ],
    [
      'an invariant that is broken',
      `${setup}-- @transaction a\nDELETE FROM :"schema".t;\n-- @invariant none: there are no rows\nSELECT id FROM :"schema".t;`,
      `app.sql:9:1: invariant 'none' is broken before the load: there are no rows: the first breach is {"id":1}`,
    ],
    [
      'an invariant that cannot be asked',
      `${setup}-- @transaction a\nDELETE FROM :"schema".t;\n-- @invariant none: there are no rows\nSELECT ids FROM :"schema".t;`,
      expect.stringMatching(/^app\.sql:9:8: SERVER: column "ids" does not exist/),
    ],
  ])('with %s is refused at its line and column', async (_what, text, expected) => {
    expect(await told(text)).toEqual(expected);
  });

  const docs = readFileSync(new URL('../../../docs/workloads.md', import.meta.url), 'utf8');
  test.each([
    [
      'scenarios/sql/payments.sql',
      readFileSync(new URL('../../../scenarios/sql/payments.sql', import.meta.url), 'utf8'),
    ],
    ['docs/workloads.md', /^```sql\n([^]*?)^```/m.exec(docs)?.[1] ?? ''],
  ])('%s is accepted', async (_file, text) => {
    expect(await told(text)).toBeUndefined();
  });

  test('may write by a function, find nothing to write, and touch rows by chance where it says so', async () => {
    await session.rows('CREATE TEMPORARY TABLE t (id int)');
    expect(await told(`${setup}-- @transaction a\nSELECT :"schema".put(:seq);`)).toBeUndefined();
    const chance = `-- @rows 0..\nDELETE FROM :"schema".t WHERE random() < 0.5;`;
    const many = `${setup}INSERT INTO :"schema".t SELECT generate_series(2, 400);`;
    expect(await told(`${many}\n-- @transaction a\n${chance}`)).toBeUndefined();
    const none = `${setup}-- @transaction a\nDELETE FROM :"schema".t WHERE id = -1;`;
    expect(await told(none)).toBeUndefined();
  });
});
