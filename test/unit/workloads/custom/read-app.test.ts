import { describe, expect, test } from 'vitest';
import { tokensOf } from '../../../../src/workloads/custom/lexer.ts';
import { Lines } from '../../../../src/workloads/custom/lines.ts';
import { readApp } from '../../../../src/workloads/custom/read-app.ts';
import { partsOf } from '../../../../src/workloads/custom/statements.ts';

/** Every parameter that the lexer sees. */
const parametersIn = (sql: string): string[] =>
  [...tokensOf(sql)]
    .filter(({ kind }) => kind === 'parameter')
    .map(({ from, to }) => sql.slice(from, to));

const statementsIn = (sql: string): string[] =>
  [...partsOf(sql, tokensOf(sql))].flatMap((part) =>
    part.kind === 'comment' ? [] : [sql.slice(part.tokens[0]!.from, part.tokens.at(-1)!.to)],
  );

/** `line:column: message` of every problem. */
const problemsIn = (text: string): string[] =>
  readApp(text).problems.map(({ at, message }) => {
    const { line, column } = new Lines(text).at(at);
    return `${line}:${column}: ${message}`;
  });

describe('the lexer', () => {
  test.each([
    ['SELECT :a, :b_2', [':a', ':b_2']],
    ['SELECT :a::int + :b ::text', [':a', ':b']],
    ["SELECT ':a', 'it''s :b', :c", [':c']],
    [String.raw`SELECT E'it\'s :a', :b`, [':b']],
    [String.raw`SELECT 'a\', :b`, [':b']],
    [String.raw`SELECT U&'\0041 :a', b'01', X'1F', :b`, [':b']],
    ['SELECT ":a", "x"":b", :c', [':c']],
    ['SELECT $$ :a $$, $x$ :b $$ :c $x$, :d', [':d']],
    ['SELECT 1 -- :a\n, :b', [':b']],
    ['SELECT /* :a /* :b */ :c */ :d', [':d']],
    ['SELECT f(x := :a), y[1:2], z::jsonb', [':a']],
    ['SELECT a$b$ , :c, d$b$', [':c']],
    ['SELECT :"schema".t, :a', [':a']],
    ['SELECT täble.ö FROM täble WHERE ö=:ü', []],
  ])('sees in %s the parameters %j', (sql, expected) => {
    expect(parametersIn(sql)).toEqual(expected);
  });

  test.each([
    ["a; b ';' ; c", ['a', "b ';'", 'c']],
    [';;a;;', ['a']],
    ['CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b); x', 2],
    [
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END; x',
      2,
    ],
    [
      'CREATE OR REPLACE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql; x',
      2,
    ],
    ['SELECT CASE WHEN a THEN b END; x', 2],
  ])('splits %s as psql does', (sql, expected) => {
    const found = statementsIn(sql);
    if (typeof expected === 'number') expect(found).toHaveLength(expected);
    else expect(found).toEqual(expected);
  });
});

const whole = `-- The shop of the example.
-- @param id range(1, 10)
-- @setup
CREATE TABLE t (id int);
-- @transaction one weight 3
-- @param note pick('it''s', 'b')
-- @rows 1
UPDATE t SET id = :id -- not a directive
 WHERE id = :id AND :note <> 'x' AND :writer >= 0;
DELETE FROM t WHERE id = :seq;
-- @transaction two
INSERT INTO t VALUES (:id)
-- @invariant few: few rows: at most ten
;`;

describe('a file of workload custom', () => {
  test('is read with its sections, parameters and demands', () => {
    const { app, problems } = readApp(
      whole
        .replace(')\n-- @invariant', ');\n-- @invariant')
        .replace(/\n;$/, '\nSELECT 1 WHERE false'),
    );
    expect(problems).toEqual([]);
    const shown = {
      setup: app.setup.length,
      parameters: app.parameters.map(({ name }) => name),
      transactions: app.transactions.map(({ name, weight, parameters, statements }) => ({
        name,
        weight,
        parameters: parameters.map((each) => each.name),
        touches: statements.map(({ touches }) => touches),
      })),
      invariants: app.invariants.map(({ name, says }) => [name, says]),
    };
    expect(shown).toEqual({
      setup: 1,
      parameters: ['id'],
      transactions: [
        { name: 'one', weight: 3, parameters: ['note'], touches: [[1, 1], undefined] },
        { name: 'two', weight: 1, parameters: [], touches: [undefined] },
      ],
      invariants: [['few', 'few rows: at most ten']],
    });
  });

  test.each([
    ['', ['1:1: there is no transaction: begin one with a line -- @transaction NAME']],
    [whole, ['13:1: @invariant stands in a statement: is a ; missing before?']],
    [
      'SELECT 1;',
      [
        '1:1: a statement before the first -- @setup, -- @transaction or -- @invariant',
        '1:1: there is no transaction: begin one with a line -- @transaction NAME',
      ],
    ],
    [
      '-- @transaction a\n  DELETE FROM t WHERE a = :id;',
      ['2:27: :id has no generator: declare it in a line such as -- @param id range(1, 100)'],
    ],
    [
      '-- @transaction a\nDELETE FROM t WHERE a = $1;',
      ['2:25: write a named parameter such as :id instead of $1'],
    ],
    ['-- @transaction a\n\\d t\n;', ["2:1: '\\d t' is a command of psql, and no SQL"]],
    [
      '-- @transaction a\nBEGIN;\nDELETE FROM t;\nCOMMIT;',
      [
        '2:1: leave out BEGIN: Forkpoint begins and commits the transaction',
        '4:1: leave out COMMIT: Forkpoint begins and commits the transaction',
      ],
    ],
    [
      '-- @transaction a\nSAVEPOINT s;\nDELETE FROM t;\nROLLBACK TO s;\nRELEASE SAVEPOINT s;\nRELEASE s;',
      ["6:1: there is no savepoint 's' here"],
    ],
    [
      '-- @transaction a\nSET x = 1;\nDELETE FROM t;',
      ['2:1: use SET LOCAL: SET would hold for the transactions after this one, too'],
    ],
    [
      '-- @transaction a\nCOPY t FROM STDIN;',
      ['2:1: COPY cannot be sent data from this file; see the workload `copy`'],
    ],
    [
      '-- @setup\nBEGIN;\n-- @transaction a\nDELETE FROM t;',
      ['2:1: leave out BEGIN: each statement of @setup is a transaction of its own'],
    ],
    [
      '-- @setup\nDELETE FROM t WHERE a = :a;\n-- @transaction a\nDELETE FROM t;',
      [
        "2:25: :a: only a transaction has parameters; for an array's slice, leave a space behind the colon",
      ],
    ],
    [
      '-- @transction a\n',
      [
        '1:1: there is no @transction; known: @setup, @transaction, @invariant, @param, @rows',
        '1:1: there is no transaction: begin one with a line -- @transaction NAME',
      ],
    ],
    [
      '-- @transaction a weight 0\nDELETE FROM t;',
      [
        '1:1: weight must be at least 1',
        '1:1: there is no transaction: begin one with a line -- @transaction NAME',
        '2:1: a statement before the first -- @setup, -- @transaction or -- @invariant',
      ],
    ],
    [
      '-- @transaction a\n-- @param x rnd(1)\nDELETE FROM t;',
      [
        "2:1: 'rnd(1)' is no generator; known: range(1, 100), pick('new', 'paid'), sequence, sequence(1000), key, uuid, text, text(20), text(20, 200)",
      ],
    ],
    [
      '-- @transaction a\n-- @param x range(9, 1)\nDELETE FROM t;',
      ['2:1: :x: range takes the smaller number first'],
    ],
    [
      '-- @transaction a\n-- @param x uuid\nDELETE FROM t;',
      ['2:1: :x is declared, and a does not use it'],
    ],
    [
      '-- @param x uuid\n-- @transaction a\n-- @param x uuid\nDELETE FROM t WHERE a = :x;',
      ['3:1: :x is declared twice'],
    ],
    [
      '-- @param seq uuid\n-- @transaction a\nDELETE FROM t;',
      ['1:1: :seq is always there; use another name'],
    ],
    ['-- @transaction a\nDELETE FROM t;\n-- @rows 1', ['3:1: @rows has no statement behind it']],
    [
      '-- @transaction a\nDELETE FROM t; -- @rows 1',
      ['2:16: @rows must stand on a line of its own'],
    ],
    [
      '-- @transaction a\n-- @transaction a\nDELETE FROM t;',
      ['1:1: transaction a has no statement', "2:1: 'a' is there twice"],
    ],
    [
      '-- @transaction a\nDELETE FROM t;\n-- @invariant b: c',
      ['3:1: invariant b has 0 statements, and needs one'],
    ],
    [
      '-- @transaction a\nDELETE FROM t;\n-- @invariant b: c\nDELETE FROM t',
      ['4:1: an invariant is a SELECT of one row for each breach'],
    ],
    [
      "-- @transaction a\nDELETE FROM t WHERE a = 'x;\n",
      ["2:25: this text in quotes never ends: a ' is missing"],
    ],
    [
      '-- @transaction a\nDELETE FROM :"shema".t;',
      ['2:13: :"shema" is not known; :"schema" is the run\'s own schema'],
    ],
  ])('%j has these problems', (text, expected) => {
    expect(problemsIn(text)).toEqual(expected);
  });
});
