import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Extract, type Header } from 'tar-stream';
import { isKnownError, messageOf, ScenarioError } from '../../std/errors.ts';
import { problemWith, readStoredText, unreadable } from '../store/read-json.ts';
import { fullDiskOr } from '../../std/temporary-folder.ts';
import { manifestName, manifestSchema, type Manifest } from './manifest.ts';

const mostFiles = 20_000;
const mostBytes = 16 * 1024 ** 3;
/** Journals compress to a third, logs to about a tenth. An archive that compresses better than this was made to fill a disk. */
const mostRatio = 250;
const fineBytes = 64 * 1024 ** 2;

/**
 * Unpacks a bundle into an empty folder: plain files below it and nothing else, each as its manifest says.
 * Errors: ScenarioError for what is no bundle, was cut or changed, or would do harm; EnvironmentError.
 */
export async function openBundle(file: string, into: string): Promise<Manifest> {
  const packedBytes = await sizeOf(file);
  const unpacking = new Unpacking(file, into, Math.max(fineBytes, packedBytes * mostRatio));
  const archive = extract();
  const source = createReadStream(file).on('error', (error) => {
    archive.destroy(unreadable(file, error));
  });
  try {
    await Promise.all([
      pipeline(source, createGunzip(), unpacking.limit(), archive as unknown as Transform),
      unpacking.takeAll(archive),
    ]);
  } catch (cause) {
    const error = fullDiskOr(cause, into);
    if (isKnownError(error)) throw error;
    throw new ScenarioError(
      `${file}: no whole bundle: ${messageOf(error)}. Fetch it again, as a file and not as text.`,
      { cause: error },
    );
  }
  return unpacking.finish();
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw unreadable(file, error);
  }
}

class Unpacking {
  readonly #file: string;
  readonly #into: string;
  readonly #mostBytes: number;
  readonly #found = new Map<string, { readonly bytes: number; readonly sha256: string }>();
  #root: string | undefined;

  constructor(file: string, into: string, most: number) {
    this.#file = file;
    this.#into = into;
    this.#mostBytes = Math.min(mostBytes, most);
  }

  /** Counts the unpacked bytes, whatever size the archive states. */
  limit(): Transform {
    let bytes = 0;
    const refuse = () =>
      this.#refuse(`it unpacks to more than ${this.#mostBytes} bytes, which no run's folder has`);
    const most = this.#mostBytes;
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        if (bytes > most) done(refuse());
        else done(null, chunk);
      },
    });
  }

  async takeAll(archive: Extract): Promise<void> {
    for await (const entry of archive) {
      await this.#take(entry.header, entry as unknown as Readable);
    }
  }

  /** Compares the unpacked files with the manifest. */
  async finish(): Promise<Manifest> {
    const manifest = await this.#manifest();
    const { files } = manifest;
    for (const { name, bytes, sha256 } of files) {
      const found = this.#found.get(name);
      if (!found) throw this.#refuse(`${name} is missing`);
      if (found.bytes !== bytes || found.sha256 !== sha256) {
        throw this.#refuse(`${name} is not as it was packed: it was edited or damaged since`);
      }
      this.#found.delete(name);
    }
    this.#found.delete(manifestName);
    const [added] = this.#found.keys();
    if (added !== undefined) throw this.#refuse(`${added} was added since it was packed`);
    return manifest;
  }

  async #manifest(): Promise<Manifest> {
    const text = await readStoredText(path.join(this.#into, manifestName));
    if (text === undefined) throw this.#refuse(`it has no ${manifestName}`);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.#refuse(`${manifestName} is not JSON: ${messageOf(error)}`);
    }
    const version = (value as { readonly schemaVersion?: unknown } | null)?.schemaVersion;
    if (typeof version === 'number' && version !== 1) {
      throw this.#refuse(
        `${manifestName} has schema version ${version}; this Forkpoint reads version 1`,
      );
    }
    const problem = problemWith(manifestSchema, value);
    if (problem !== undefined) throw this.#refuse(`${manifestName}: ${problem}`);
    return value as Manifest;
  }

  async #take(header: Header, content: Readable): Promise<void> {
    const name = this.#nameOf(header);
    if (name === undefined) {
      content.resume();
      return;
    }
    if (this.#found.size === 0 && name !== manifestName) {
      throw this.#refuse(`it does not begin with a ${manifestName}`);
    }
    if (this.#found.has(name)) throw this.#refuse(`it holds ${name} twice`);
    if (this.#found.size >= mostFiles) throw this.#refuse(`it holds more than ${mostFiles} files`);
    const target = path.join(this.#into, name);
    await mkdir(path.dirname(target), { recursive: true });
    const hash = createHash('sha256');
    let bytes = 0;
    content.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    await pipeline(content, createWriteStream(target, { flags: 'wx', mode: 0o600 }));
    this.#found.set(name, { bytes, sha256: hash.digest('hex') });
  }

  /** The path relative to the run's folder; undefined for a folder. Refuses a path that leads out of it. */
  #nameOf({ name, type }: Header): string | undefined {
    const shown = JSON.stringify(name);
    if (type !== 'file' && type !== 'directory') {
      throw this.#refuse(`${shown} is a ${type}, and only plain files may be in it`);
    }
    const [root = '', ...rest] = name.replace(/\/$/, '').split('/');
    const isPlain = [root, ...rest].every((part) => /^[^\\\p{Cc}]{1,200}$/u.test(part));
    if (!isPlain || rest.length > 8 || [root, ...rest].some((part) => /^\.\.?$/.test(part))) {
      throw this.#refuse(`${shown} leads out of the bundle`);
    }
    this.#root ??= root;
    if (root !== this.#root) throw this.#refuse(`${shown} is not below ${this.#root}`);
    if (type === 'directory') return undefined;
    if (rest.length === 0) throw this.#refuse(`it does not begin with a ${manifestName}`);
    return rest.join('/');
  }

  #refuse(why: string): ScenarioError {
    return new ScenarioError(
      `${this.#file}: not a bundle to be trusted: ${why}. Nothing was judged.`,
    );
  }
}
