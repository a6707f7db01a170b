import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Pair,
  type YAMLError,
} from 'yaml';
import { ScenarioError } from '../../std/errors.ts';

export type Path = readonly PropertyKey[];
export type Position = readonly [line: number, column: number];

const mostAliases = 1_000;

/** A YAML document that knows the position of every value. */
export interface YamlFile {
  /** How messages name it. */
  readonly file: string;
  readonly doc: Document.Parsed;
  readonly lines: LineCounter;
  /** Paths set with `--set`, newest last; a problem there is a problem of the command line. */
  readonly overrides: { readonly path: Path; readonly text: string }[];
}

/**
 * `version`: of YAML; 1.1 reads `on` as true.
 * Errors: ScenarioError `file:line:column: what`, for any text that is not one YAML document.
 */
export function parseYaml(
  text: string,
  file: string,
  { version = '1.2' }: { readonly version?: '1.1' | '1.2' } = {},
): YamlFile {
  const lines = new LineCounter();
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
    version,
    // The library's own check compares every pair of keys; checkKeys below is linear.
    uniqueKeys: false,
  });
  const fail = (offset: number, what: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new ScenarioError(`${file}:${line}:${col}: ${what}`);
  };
  // A warning is an unknown tag: YAML would read the value as something the author did not mean.
  const [error] = [...doc.errors, ...doc.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (error) fail(error.pos[0], describe(error, lineAt(text, error.pos[0])));
  checkKeys(doc, fail);
  checkAliases(doc, fail);
  return { file, doc, lines, overrides: [] };
}

/** Plain JavaScript values. Errors: ScenarioError when aliases multiply without end. */
export function valuesOf({ doc, file }: YamlFile): unknown {
  try {
    return doc.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const what = 'its aliases expand to more than a scenario can hold; write the values out';
    throw new ScenarioError(`${file}:1:1: ${what}`, { cause });
  }
}

/** Position of the value (or the key) at a path; if it is absent, of its nearest parent that is there. */
export function positionOf(yaml: YamlFile, path: Path, at: 'key' | 'value' = 'value'): Position {
  return pointAt(yaml, walk(yaml, path), at);
}

function pointAt(yaml: YamlFile, { around, key, value }: Place, at: 'key' | 'value'): Position {
  const offset = (at === 'key' ? undefined : offsetOf(value)) ?? offsetOf(key) ?? around;
  const { line, col } = yaml.lines.linePos(offset);
  return [Math.max(1, line), Math.max(1, col)];
}

/** False for a value that is missing or was set with `--set`. */
export function standsInFile(yaml: YamlFile, path: Path): boolean {
  const { key, value } = walk(yaml, path);
  return offsetOf(value) !== undefined || offsetOf(key) !== undefined;
}

interface Place {
  readonly key?: unknown;
  readonly value?: unknown;
  /** Offset of the nearest enclosing collection that has one. */
  readonly around: number;
}

function rootOf({ doc }: YamlFile): Place {
  return { value: doc.contents, around: offsetOf(doc.contents) ?? 0 };
}

function walk(yaml: YamlFile, path: Path): Place {
  const { doc } = yaml;
  let place = rootOf(yaml);
  for (const segment of path) {
    const { value } = place;
    const around = offsetOf(value) ?? offsetOf(place.key) ?? place.around;
    const collection = isAlias(value) ? value.resolve(doc) : value;
    if (isMap(collection)) {
      const pair = collection.items.find((item) => keyOf(item) === String(segment));
      place = { key: pair?.key, value: pair?.value, around };
    } else {
      place = { value: isSeq(collection) ? collection.items[Number(segment)] : undefined, around };
    }
  }
  return place;
}

/** Positions of every value, by dotted path. */
export function allPositions(yaml: YamlFile): Record<string, Position> {
  const positions: Record<string, Position> = {};
  const visitAll = (place: Place, path: Path): void => {
    if (path.length > 0) positions[path.join('.')] = pointAt(yaml, place, 'value');
    if (path.length >= 4) return;
    for (const [segment, child] of placesIn(yaml, place)) visitAll(child, [...path, segment]);
  };
  visitAll(rootOf(yaml), []);
  return positions;
}

/** In one pass: looking up each key by itself would take quadratic time. */
function placesIn({ doc }: YamlFile, place: Place): (readonly [segment: PropertyKey, Place])[] {
  const collection = isAlias(place.value) ? place.value.resolve(doc) : place.value;
  const around = offsetOf(place.value) ?? offsetOf(place.key) ?? place.around;
  if (isMap(collection)) {
    return collection.items.map((pair) => [
      keyOf(pair),
      { key: pair.key, value: pair.value, around },
    ]);
  }
  if (!isSeq(collection)) return [];
  return collection.items.map((value, index) => [index, { value, around }]);
}

function describe(error: YAMLError, line: string): string {
  if (error.code === 'MULTIPLE_DOCS') return 'a second document begins; one file is one document';
  if (error.code === 'RESOURCE_EXHAUSTION') return 'not valid YAML: nested too deeply';
  // YAML reads `lost: >= 1` as a block scalar and `!= 2` as a tag.
  const demand = /[:,{]\s*((?:>=?|!=)\s*[^\s,}]+)/.exec(line)?.[1];
  const hint = demand === undefined ? '' : `; write it in quotes: "${demand}"`;
  return `not valid YAML: ${error.message.split('\n')[0] ?? ''}${hint}`;
}

function checkKeys(doc: Document.Parsed, fail: (offset: number, what: string) => never): void {
  visit(doc, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const key = keyOf(pair);
        if (seen.has(key)) fail(offsetOf(pair.key) ?? 0, `the key '${key}' appears twice`);
        seen.add(key);
      }
    },
  });
}

/** In one pass: the library searches the whole document for each alias. */
function checkAliases(doc: Document.Parsed, fail: (offset: number, what: string) => never): void {
  const anchors = new Map<string, unknown>();
  let aliases = 0;
  visit(doc, (_, node, path) => {
    if (!isAlias(node)) {
      if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
      return;
    }
    const { source } = node;
    const offset = offsetOf(node) ?? 0;
    const named = anchors.get(source);
    if (named === undefined) fail(offset, `the alias *${source} has no anchor before it`);
    if (path.some((parent) => parent === named)) {
      fail(offset, `the alias *${source} refers to itself, which would never end`);
    }
    if (++aliases > mostAliases) fail(offset, `more than ${mostAliases} aliases; write values out`);
  });
}

export function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end).slice(0, 500);
}
