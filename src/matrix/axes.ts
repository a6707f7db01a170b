import type { MatrixAxis } from '../contracts/matrix.ts';
import { ScenarioError } from '../std/errors.ts';
import { parameterNames } from '../pg/parameter-names.ts';
import { nearest } from '../std/suggest.ts';

const cellsAtMost = 200;
/** Sections of a scenario that a cell may vary. Not `expect`: a cell is judged by what its settings promise. */
const sections = ['cluster', 'load', 'faults', 'verify'];

/** The parameters of one cell of the product: `--set` overrides, and the value of each axis. */
export interface CellPlan {
  readonly values: readonly string[];
  readonly set: readonly string[];
}

/**
 * `synchronous=off,on`, `synchronous_commit=local,on`, `cluster.patroni.ttl=20,30`.
 * Errors: ScenarioError for an unknown key, and for empty or repeated values.
 */
export function parseAxis(text: string): MatrixAxis {
  const fail = (what: string): never => {
    throw new ScenarioError(`--over ${text}: ${what}`);
  };
  const [, key = '', list = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (key.trim() === '') return fail('write it as KEY=v1,v2, like synchronous=off,on');
  const values = list.split(',').map((value) => value.trim());
  if (values.includes('')) return fail('has an empty value');
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) return fail(`has '${twice}' twice`);
  const path = pathOf(key.trim());
  return 'problem' in path ? fail(path.problem) : { key: key.trim(), path: path.dotted, values };
}

/** Every combination of values; the last axis changes fastest. Errors: ScenarioError when there are too many. */
export function productOf(axes: readonly MatrixAxis[]): readonly CellPlan[] {
  const paths = axes.map(({ path }) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new ScenarioError(`--over: ${twice} is there twice`);
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count > cellsAtMost) {
    throw new ScenarioError(`--over: ${count} cells; a matrix has at most ${cellsAtMost}`);
  }
  return axes.reduce<readonly CellPlan[]>(
    (cells, { path, values }) =>
      cells.flatMap((cell) =>
        values.map((value) => ({
          values: [...cell.values, value],
          set: [...cell.set, `${path}=${value}`],
        })),
      ),
    [{ values: [], set: [] }],
  );
}

/** `synchronous=off synchronous_commit=local` */
export function cellLabel(axes: readonly MatrixAxis[], values: readonly string[]): string {
  return axes.map(({ key }, index) => `${key}=${values[index] ?? ''}`).join(' ');
}

function pathOf(key: string): { readonly dotted: string } | { readonly problem: string } {
  if (key === 'synchronous') return { dotted: 'cluster.synchronous' };
  const [first = '', ...rest] = key.split('.');
  if (rest.length > 0 && sections.includes(first)) return { dotted: key };
  if (first === 'expect') {
    return { problem: 'a cell is judged by what its settings promise, not by `expect`' };
  }
  const parameter = [...parameterNames].find((name) => name.toLowerCase() === key.toLowerCase());
  if (parameter !== undefined) return { dotted: `cluster.parameters.${parameter}` };
  const near = nearest(key, ['synchronous', ...parameterNames]);
  const hint = near === undefined ? '.' : `; did you mean '${near}'?`;
  return {
    problem:
      `unknown key '${key}'${hint} Use synchronous, a PostgreSQL parameter, or a path in the scenario ` +
      'like cluster.patroni.ttl',
  };
}
