import type { WorkloadFile } from '../../contracts/scenario.ts';
import type {
  Invariant,
  PlannedWorkload,
  Statement,
  WorkloadContext,
  WorkloadProblem,
} from '../../contracts/workload.ts';
import type { App } from './app.ts';
import { compile } from './compile.ts';
import { Lines } from './lines.ts';
import { parametersOf } from './check-statement.ts';
import { readApp } from './read-app.ts';
import type { Script } from './writer.ts';

type Context = WorkloadContext<unknown>;

const key = 'file';
/** Each of 2,000 clients has a writer: the file is read once for all of them. */
const opened = new WeakMap<WorkloadFile, Opened>();
const compiled = new WeakMap<WorkloadFile, Map<string, readonly Script[]>>();

export function problemsOf({ files }: PlannedWorkload<unknown>): readonly WorkloadProblem[] {
  const file = fileOf(files);
  const lines = new Lines(file.text);
  return readApp(file.text).problems.map(({ at, message }) => ({ key, message, ...lines.at(at) }));
}

export function setupOf({ files, schema }: Context): readonly Statement[] {
  const open = openedOf(fileOf(files));
  return open.app.setup.map((each) => plain(compile(open, each, schema)));
}

export function invariantsOf({ files, schema }: Context): readonly Invariant[] {
  const open = openedOf(fileOf(files));
  return open.app.invariants.flatMap(({ name, says, statements: [statement] }) => {
    return statement ? [{ name, says, statement: plain(compile(open, statement, schema)) }] : [];
  });
}

export function scriptsOf({ files, schema }: Context): readonly Script[] {
  const file = fileOf(files);
  const bySchema = compiled.get(file) ?? new Map<string, readonly Script[]>();
  compiled.set(file, bySchema);
  const scripts = bySchema.get(schema) ?? scriptsIn(file, schema);
  bySchema.set(schema, scripts);
  return scripts;
}

function scriptsIn(file: WorkloadFile, schema: string): readonly Script[] {
  const open = openedOf(file);
  const { text, parameters, transactions } = open.app;
  return transactions.map((of) => {
    const used = new Set(
      of.statements.flatMap(({ tokens }) => parametersOf(text, tokens)).map(({ name }) => name),
    );
    return {
      of,
      parameters: [...parameters, ...of.parameters].filter(({ name }) => used.has(name)),
      statements: of.statements.map((each) => compile(open, each, schema)),
    };
  });
}

function fileOf(files: Context['files']): WorkloadFile {
  const file = files?.[key];
  if (!file) throw new RangeError(`no text of load.${key}`);
  return file;
}

interface Opened {
  readonly file: WorkloadFile;
  readonly app: App;
  readonly lines: Lines;
}

function openedOf(file: WorkloadFile): Opened {
  const { text } = file;
  const open = opened.get(file) ?? { file, app: readApp(text).app, lines: new Lines(text) };
  opened.set(file, open);
  return open;
}

function plain({ text, source }: ReturnType<typeof compile>): Statement {
  return { text, values: [], source };
}
