import { isCollection, isMap, isSeq, parseDocument } from 'yaml';
import { ScenarioError } from '../../std/errors.ts';
import { keyOf, type Path, type YamlFile } from './parse-yaml.ts';

/**
 * Overrides one value: `expect.lost=0`, `faults.0.for=15s`, `expect.lost=>= 1`; `load.rate=null` removes the key.
 * Errors: ScenarioError naming the --set.
 */
export function applySet(yaml: YamlFile, text: string): void {
  const fail = (what: string): never => {
    throw new ScenarioError(`--set ${text}: ${what}`);
  };
  const [, dotted = '', raw = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const path = dotted.split('.').map((segment) => segment.trim());
  if (dotted === '' || path.includes('')) fail('write it as key.key=value, like expect.lost=0');
  const value = readValue(raw);
  try {
    if (value === null) remove(yaml, path);
    else put(yaml, path, value);
  } catch (error) {
    fail(error instanceof RangeError ? error.message : `the file has no place for it`);
  }
  yaml.overrides.push({ path: path.map(asIndex), text });
}

/** YAML's own types; but a value that YAML would read as a block, a tag or an error is text. */
function readValue(raw: string): unknown {
  const trimmed = raw.trim();
  if (trimmed === '' || /^[>|!&*]/.test(trimmed)) return trimmed;
  const doc = parseDocument(trimmed, { logLevel: 'error', prettyErrors: false });
  if (doc.errors.length > 0 || doc.warnings.length > 0) return trimmed;
  try {
    return doc.toJS({ maxAliasCount: 0 }) as unknown;
  } catch {
    // An alias. No scenario value needs one, and text is refused where it does not belong.
    return trimmed;
  }
}

function put({ doc }: YamlFile, path: readonly string[], value: unknown): void {
  checkParents(doc.contents, path);
  doc.setIn(path.map(asIndex), doc.createNode(value));
}

function remove({ doc }: YamlFile, path: readonly string[]): void {
  checkParents(doc.contents, path);
  doc.deleteIn(path.map(asIndex));
}

function checkParents(root: unknown, path: readonly string[]): void {
  let node: unknown = root;
  for (const [depth, segment] of path.entries()) {
    if (node === undefined || node === null) return;
    const parent = path.slice(0, depth).join('.');
    if (!isCollection(node)) throw new RangeError(`${parent} holds a single value, not keys`);
    if (isSeq(node) && !(/^\d+$/.test(segment) && Number(segment) < node.items.length)) {
      const last = node.items.length - 1;
      throw new RangeError(`${parent} is a list; name one of its entries, 0 to ${last}`);
    }
    if (isMap(node)) node = node.items.find((pair) => keyOf(pair) === segment)?.value;
    else node = node.get(Number(segment), true);
  }
}

function asIndex(segment: string): Path[number] {
  return /^\d+$/.test(segment) ? Number(segment) : segment;
}
