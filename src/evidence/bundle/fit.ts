import { EnvironmentError } from '../../std/errors.ts';
import { shorten, type Staged, type StagedFile } from './stage.ts';

/** A log that is cut keeps at least this many bytes, compressed. */
const leastLogBytes = 2_048;
/** Room for the headers of the archive and the lines of the manifest, compressed. */
const overheadBytes = (files: number): number => 1_500 + 150 * files;

/**
 * Makes the files fit. Removes first the middle of the largest logs (Patroni's last, because judging reads them), then reports and
 * the list of all lost ranges, which can be made again, then whole logs. Journals and evidence stay.
 * Errors: EnvironmentError when they alone are too big, with how much they need.
 */
export async function fit(staged: Staged, maxBytes: number): Promise<Staged> {
  const files = new Map(staged.files.map((file) => [file.name, file]));
  const leftOut = [...staged.leftOut];
  const excess = () => sizeOf([...files.values()]) - maxBytes;
  const leaveOut = ({ name, originalBytes }: StagedFile, why: string) => {
    files.delete(name);
    leftOut.push({ name, bytes: originalBytes, why });
  };
  for (const isPatroni of [false, true]) {
    const logs = () => [...files.values()].filter((file) => isLog(file, isPatroni));
    for (let turn = 0; turn < 200 && excess() > 0; turn++) {
      const [largest, next] = logs().sort((a, b) => b.packedBytes - a.packedBytes);
      if (!largest || largest.packedBytes <= leastLogBytes) break;
      // Down to the size of the next largest log, or by half where several are equally large.
      const level = Math.min(next?.packedBytes ?? 0, largest.packedBytes / 2);
      const wanted = Math.max(level, largest.packedBytes - excess() * 1.1, leastLogBytes / 2);
      const share = wanted / largest.packedBytes;
      files.set(largest.name, await shorten(largest, Math.floor(largest.bytes * share)));
    }
  }
  const order: readonly ((file: StagedFile) => boolean)[] = [
    ({ kind }) => kind === 'report',
    ({ kind }) => kind === 'ranges',
    (file) => isLog(file, false),
    (file) => isLog(file, true),
  ];
  for (const isNext of order) {
    const candidates = [...files.values()].filter(isNext);
    for (const file of candidates.sort((a, b) => b.packedBytes - a.packedBytes)) {
      if (excess() > 0) leaveOut(file, 'no room left: allow more with --max-size');
    }
  }
  if (excess() > 0) throw tooBig([...files.values()], maxBytes);
  return { ...staged, files: [...files.values()], leftOut };
}

/** The same files without journals; the bundle then says that they are missing. */
export function withoutJournals(staged: Staged): Staged {
  const isJournal = ({ kind }: StagedFile) => kind === 'journal';
  const gone = staged.files.filter(isJournal).map(({ name, originalBytes: bytes }) => ({
    name,
    bytes,
    why: 'left out as asked',
  }));
  const files = staged.files.filter((file) => !isJournal(file));
  return { ...staged, files, leftOut: [...staged.leftOut, ...gone] };
}

export function sizeOf(files: readonly StagedFile[]): number {
  return files.reduce((sum, { packedBytes }) => sum + packedBytes, overheadBytes(files.length));
}

function isLog({ kind, name }: StagedFile, isPatroni: boolean): boolean {
  return kind === 'log' && isPatroniLog(name) === isPatroni;
}

/** How nodes rejoined is judged from these. */
export function isPatroniLog(name: string): boolean {
  return /\/patroni\.log(?:\.\d+)?$/.test(name);
}

function tooBig(files: readonly StagedFile[], maxBytes: number): EnvironmentError {
  const journals = files.filter(({ kind }) => kind === 'journal');
  const bytes = journals.reduce((sum, { packedBytes }) => sum + packedBytes, 0);
  return new EnvironmentError(
    `the bundle does not fit into ${maxBytes} bytes: without any log or report it still takes ${sizeOf(files)}, ` +
      `${bytes} of them journals. Journals are never cut, for then nothing can be judged. ` +
      `Allow more with --max-size ${Math.ceil(sizeOf(files) / 1e6)}MB, or send what cannot be judged with --no-journals.`,
  );
}
