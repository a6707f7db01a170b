import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { HarnessBug } from '../std/errors.ts';
import type { ExtensionKind } from './kinds.ts';
import { extensionIn, type ExtensionModule, filesOf } from './load-folder.ts';

const require = createRequire(import.meta.url);

/**
 * A folder of shipped extensions, each loaded when it is first asked for: a scenario names a few, and to load all takes most of the
 * time of a short command. Names cost nothing; going through the values loads all.
 */
export class LazyFolder<T> implements ReadonlyMap<string, T> {
  readonly #files: ReadonlyMap<string, URL>;
  readonly #kind: ExtensionKind<T>;
  readonly #loaded = new Map<string, T>();

  private constructor(files: ReadonlyMap<string, URL>, kind: ExtensionKind<T>) {
    this.#files = files;
    this.#kind = kind;
  }

  /** Errors: HarnessBug with the file whose name is none. */
  static async at<T>(folder: URL, kind: ExtensionKind<T>): Promise<LazyFolder<T>> {
    const files = await filesOf(folder, kind, HarnessBug);
    return new LazyFolder(new Map(files.map(({ name, url }) => [name, url])), kind);
  }

  /** Where each is, without loading any. */
  urls(): ReadonlyMap<string, string> {
    return new Map([...this.#files].map(([name, { href }]) => [name, href]));
  }

  get size(): number {
    return this.#files.size;
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  keys(): MapIterator<string> {
    return this.#files.keys();
  }

  /** Errors: HarnessBug with what the file lacks. */
  get(name: string): T | undefined {
    const file = this.#files.get(name);
    return file && this.#load(name, file);
  }

  *entries(): MapIterator<[string, T]> {
    for (const [name, file] of this.#files) yield [name, this.#load(name, file)];
  }

  *values(): MapIterator<T> {
    for (const [, extension] of this.entries()) yield extension;
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries();
  }

  forEach(callback: (extension: T, name: string, all: ReadonlyMap<string, T>) => void): void {
    for (const [name, extension] of this.entries()) callback(extension, name, this);
  }

  #load(name: string, file: URL): T {
    const loaded = this.#loaded.get(name);
    if (loaded !== undefined) return loaded;
    // A Map answers at once, as `import` cannot; of a module that is an ES module, `require` gives what `import` would.
    const module = require(fileURLToPath(file)) as ExtensionModule;
    const extension = extensionIn(module, { file, kind: this.#kind, Failure: HarnessBug });
    this.#loaded.set(name, extension);
    return extension;
  }
}
