import type { Json } from '../../contracts/json.ts';
import type { Replacement } from '../../contracts/own-patroni.ts';
import { Findings } from '../parse/collect-problems.ts';
import { type Path, positionOf, type YamlFile } from '../parse/parse-yaml.ts';
import { isSecretKey, masked } from './secrets.ts';

const longest = 120;

/** Collects what a lab runs otherwise than the file says, each with its line, and what it refuses. */
export class Listing {
  readonly refused = new Findings();
  readonly #entries: Replacement[] = [];
  readonly #yaml: YamlFile;
  readonly #hide: (text: string) => string;

  constructor(yaml: YamlFile, hide: (text: string) => string) {
    this.#yaml = yaml;
    this.#hide = hide;
  }

  leaveOut(path: Path, given: Json, why: string): void {
    this.replace(path, given, { by: null, why });
  }

  replace(
    path: Path,
    given: Json,
    { by, why }: { readonly by: string | null; readonly why: string },
  ): void {
    const [line] = positionOf(this.#yaml, path, 'key');
    const instead = by === null ? null : this.#hide(by);
    const isSecret = isSecretKey(String(path.at(-1)));
    const shown = clip(oneLine(masked(given, this.#hide, isSecret)));
    this.#entries.push({ key: keyOf(path), line, given: shown, instead, why });
  }

  /** Something that the lab adds and no line of the file says. */
  add(key: string, instead: string | null, why: string): void {
    this.#entries.push({ key, line: null, given: '', instead, why });
  }

  refuse(path: Path, message: string): void {
    this.refused.add({ path, message });
  }

  /** In the order of the file; additions last. */
  get entries(): readonly Replacement[] {
    return this.#entries.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity));
  }
}

function keyOf(path: Path): string {
  const segments = path.map((segment) =>
    typeof segment === 'number' ? `[${segment}]` : `.${String(segment)}`,
  );
  return segments.join('').replace(/^\./, '');
}

function oneLine(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\s+/g, ' ').trim();
}

function clip(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
