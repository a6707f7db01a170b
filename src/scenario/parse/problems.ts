import { z } from 'zod';
import type { SchemaIssue } from '../../contracts/json.ts';
import { ScenarioError } from '../../std/errors.ts';
import { plain } from '../../std/plain.ts';
import { nearest, suggestion } from '../../std/suggest.ts';
import { isMapping } from './mapping.ts';
import { positionOf, standsInFile, type Path, type YamlFile } from './parse-yaml.ts';

/** One problem of a scenario, at one position. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** Whether the key or its value is wrong. */
  readonly at?: 'key' | 'value';
  /** An unknown key that resembles none of those known at its place. */
  readonly stranger?: string;
  /** The position in another file that this one names. */
  readonly where?: { readonly file: string; readonly line: number; readonly column: number };
}

const shownAtMost = 10;
/** Looking up a position takes time, and the thousandth problem helps no reader. */
const placedAtMost = 200;

/** One ScenarioError for all problems of a file, one line each, in the order of the file. */
export function scenarioErrorOf(problems: readonly Problem[], yaml: YamlFile): ScenarioError {
  const lines = problems
    .slice(0, placedAtMost)
    .map((problem) => ({ problem, position: positionOf(yaml, problem.path, problem.at) }))
    .sort((a, b) => a.position[0] - b.position[0] || a.position[1] - b.position[1])
    .map(({ problem, position }) => {
      const { where: other } = problem;
      if (other) return plain(`${other.file}:${other.line}:${other.column}: ${problem.message}`);
      const override = overrideBehind(problem, yaml);
      const where =
        override === undefined ? [yaml.file, ...position].join(':') : `--set ${override}`;
      // One line each: a name from the file must not forge the next.
      return plain(`${where}: ${shownPath(problem)}${problem.message}`);
    });
  const unique = [...new Set(lines)];
  const hidden = unique.length - shownAtMost + Math.max(0, problems.length - placedAtMost);
  const shown = unique.slice(0, shownAtMost);
  if (hidden > 0) shown.push(`${yaml.file}: ... and ${hidden} more`);
  return new ScenarioError(shown.join('\n'));
}

/** The --set whose value, or whose creation of an absent key, caused the problem. */
function overrideBehind({ path }: Problem, yaml: YamlFile): string | undefined {
  const isMade = !standsInFile(yaml, path);
  return yaml.overrides.findLast(
    (override) => isWithin(path, override.path) || (isMade && isWithin(override.path, path)),
  )?.text;
}

/** A schema's problems with `raw`, in the words of the file. Their paths begin at `prefix`. */
export function problemsOf(
  issues: readonly SchemaIssue[],
  about: { readonly prefix: Path; readonly raw: unknown; readonly schema: unknown },
): Problem[] {
  return issues.flatMap((issue) => explain(issue as RichIssue, about));
}

/** The keys a zod schema has below a path; none when it is no zod schema or accepts any key. */
export function knownKeys(schema: unknown, path: Path = []): readonly string[] {
  if (!(schema instanceof z.ZodType)) return [];
  let json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonNode;
  for (const segment of path)
    json = json.properties?.[String(segment)] ?? json.items ?? valuesOf(json) ?? {};
  return Object.keys(json.properties ?? {});
}

/** Of a mapping with any keys: what its values have that are mappings. */
function valuesOf({ additionalProperties: values }: JsonNode): JsonNode | undefined {
  if (typeof values !== 'object') return undefined;
  return values.anyOf?.find(({ properties }) => properties !== undefined) ?? values;
}

interface JsonNode {
  readonly properties?: Readonly<Record<string, JsonNode>>;
  readonly items?: JsonNode;
  readonly additionalProperties?: JsonNode | boolean;
  readonly anyOf?: readonly JsonNode[];
}

/** The fields that zod adds to the contract's path and message. */
interface RichIssue extends SchemaIssue {
  readonly code?: string;
  readonly keys?: readonly string[];
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly origin?: string;
  readonly inclusive?: boolean;
  readonly errors?: readonly (readonly RichIssue[])[];
}

function explain(
  issue: RichIssue,
  about: { readonly prefix: Path; readonly raw: unknown; readonly schema: unknown },
): Problem[] {
  const path = [...about.prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(about.schema, issue.path);
    return (issue.keys ?? []).map((key) => unknownKey([...path, key], known));
  }
  const value = valueAt(about.raw, issue.path);
  const inner = ofMapping(issue, value);
  if (inner) {
    return inner.flatMap((each) =>
      explain({ ...each, path: [...issue.path, ...each.path] }, about),
    );
  }
  return [{ path, message: sentence(issue, value) }];
}

/** Where a value may be a mapping among others, and is one: what is wrong with that mapping. */
function ofMapping(
  { code, errors = [] }: RichIssue,
  value: unknown,
): readonly RichIssue[] | undefined {
  if (code !== 'invalid_union' || !isMapping(value)) return undefined;
  const isOther = (issues: readonly RichIssue[]) =>
    issues.some((issue) => issue.path.length === 0 && issue.code !== 'unrecognized_keys');
  return errors.find((issues) => issues.length > 0 && !isOther(issues));
}

/** `unknown key 'ratee'; did you mean 'rate'?` */
export function unknownKey(path: Path, known: readonly string[]): Problem {
  const key = String(path.at(-1));
  const isStranger = nearest(key, known) === undefined;
  return {
    path,
    message: `unknown key '${clip(key)}'${suggestion(key, known)}`,
    at: 'key',
    ...(isStranger && { stranger: clip(key) }),
  };
}

function sentence(issue: RichIssue, value: unknown): string {
  // Replaces zod's own words only; a message written for this key stays.
  const isOwn = /^(Invalid|Too small|Too big|Unrecognized)/.test(issue.message);
  if (!isOwn) return issue.message;
  if (value === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected ?? ''] ?? String(issue.expected)}, not ${shown(value)}`;
    case 'invalid_value':
      return `must be ${oneOf((issue.values ?? []).map(String))}, not ${shown(value)}${near(value, issue)}`;
    case 'too_small':
      return bound(issue, 'at least', 'above', issue.minimum, value);
    case 'too_big':
      return bound(issue, 'at most', 'below', issue.maximum, value);
    case 'invalid_union':
      return union(issue, value);
    default:
      return `${issue.message}: ${shown(value)}`;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
};

function bound(
  issue: RichIssue,
  inclusive: string,
  exclusive: string,
  limit: number | undefined,
  value: unknown,
): string {
  const word = issue.inclusive === false ? exclusive : inclusive;
  if (issue.origin === 'string') return `must be ${word} ${limit ?? 0} characters long`;
  if (issue.origin === 'array') return `must have ${word} ${limit ?? 0} entries`;
  return `must be ${word} ${limit ?? 0}, not ${shown(value)}`;
}

function union(issue: RichIssue, value: unknown): string {
  const choices = (issue.errors ?? []).flat().filter(({ path }) => path.length === 0);
  const words = choices.flatMap(({ values }) => values ?? []);
  const others = choices.flatMap(({ expected }) => kinds[expected ?? ''] ?? []);
  return `must be ${oneOf([...words.map(String), ...others])}, not ${shown(value)}`;
}

function oneOf(choices: readonly string[]): string {
  return choices.length === 1 ? String(choices[0]) : `one of: ${choices.join(', ')}`;
}

function near(value: unknown, issue: RichIssue): string {
  if (typeof value !== 'string') return '';
  const guess = suggestion(value, (issue.values ?? []).map(String));
  return guess.startsWith('; known') ? '' : guess;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${clip(value)}'` : clip(JSON.stringify(value));
}

function clip(raw: string): string {
  const text = plain(raw);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[segment];
  }
  return value;
}

/** The path in the words of the file; for an unknown key, the path of its parent. */
function shownPath({ path, at }: Problem): string {
  const segments = at === 'key' ? path.slice(0, -1) : path;
  const dotted = segments.map((segment) =>
    typeof segment === 'number' ? `[${segment}]` : `.${String(segment)}`,
  );
  return segments.length === 0 ? '' : `${dotted.join('').slice(1)}: `;
}

function isWithin(path: Path, parent: Path): boolean {
  return parent.every((segment, index) => String(path[index]) === String(segment));
}
