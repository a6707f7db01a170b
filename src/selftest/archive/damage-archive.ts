import { copyFile, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ArchiveFlawKind } from '../../contracts/result.ts';
import type { Shell } from '../../contracts/shell.ts';
import { HarnessBug } from '../../std/errors.ts';

/** A segment that was closed while nothing was written. */
export interface ClosedSegment {
  readonly name: string;
  /** Rows of the run that were committed before it began. */
  readonly rowsBefore: number;
}

/** Where damage is planted. */
export interface DamagedArchive {
  /** The archive's, on this host. */
  readonly folder: string;
  /** Oldest first; each has rows of the run. */
  readonly segments: readonly ClosedSegment[];
  readonly total: number;
  /** A replica, with its data directory and its archive_command. */
  readonly replica: {
    readonly name: string;
    readonly shell: Shell;
    readonly data: string;
    readonly command: string;
  };
}

/** One damage that is in the archive, and exactly what the judge must report. */
export interface PlantedInArchive {
  /** `remove segment 00000001...`, for people. */
  readonly what: string;
  readonly flaws: readonly { readonly kind: ArchiveFlawKind; readonly segment: string }[];
  /** Writes that a restore to the end lacks. */
  readonly missing: number;
  /** Puts the archive back as it was. */
  mend(): Promise<void>;
}

export type ArchiveDamage = (
  archive: DamagedArchive,
  random: () => number,
) => Promise<PlantedInArchive>;

/** Of the first record's content: the header of the segment is of 40 bytes, that of the record of 24. */
const firstContentAt = 40 + 24;

/** A restore ends before a segment that is not as it was: what is committed in it and after it does not come back. */
export const archiveDamages: readonly ArchiveDamage[] = [
  async (archive, random) => {
    const { name, rowsBefore } = chosen(archive, random);
    const [file, aside] = [wal(archive, name), `${archive.folder}/${name}.aside`];
    await rename(file, aside);
    return {
      what: `remove segment ${name}`,
      flaws: [{ kind: 'missing', segment: name }],
      missing: archive.total - rowsBefore,
      mend: () => rename(aside, file),
    };
  },
  async (archive, random) => {
    const { name, rowsBefore } = chosen(archive, random);
    const file = wal(archive, name);
    await flipByte(file, firstContentAt);
    return {
      what: `change one byte of segment ${name}`,
      flaws: [{ kind: 'changed', segment: name }],
      missing: archive.total - rowsBefore,
      mend: () => flipByte(file, firstContentAt),
    };
  },
  async (archive, random) => {
    const { name, rowsBefore } = chosen(archive, random);
    const before = archive.segments[archive.segments.findIndex((each) => each.name === name) - 1];
    if (!before) throw new HarnessBug(`no segment was closed before ${name}`);
    const [file, aside] = [wal(archive, name), `${archive.folder}/${name}.aside`];
    await rename(file, aside);
    await copyFile(wal(archive, before.name), file);
    return {
      what: `store segment ${before.name} in place of ${name}, too`,
      flaws: [{ kind: 'changed', segment: name }],
      missing: archive.total - rowsBefore,
      mend: () => rename(aside, file),
    };
  },
  async (archive, random) => {
    const { name } = chosen(archive, random);
    const pushes = path.join(archive.folder, 'pushes');
    const noted = await readFile(pushes);
    await pushOther(archive, name);
    return {
      what: `archive another content of segment ${name} from a replica`,
      flaws: [{ kind: 'twoHistories', segment: name }],
      missing: 0,
      mend: async () => {
        await rm(path.join(archive.folder, 'refused', `${name}.${archive.replica.name}`));
        await writeFile(pushes, noted);
      },
    };
  },
];

/** Not the first, so that there is one before it, and not the last. */
function chosen({ segments }: DamagedArchive, random: () => number): ClosedSegment {
  const inner = segments.slice(1);
  const found = inner[Math.floor(random() * inner.length)];
  if (!found) throw new HarnessBug('too few segments were closed');
  return found;
}

function wal({ folder }: DamagedArchive, name: string): string {
  return path.join(folder, 'wal', name);
}

async function flipByte(file: string, at: number): Promise<void> {
  await using handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte.writeUInt8(byte.readUInt8(0) ^ 0xff, 0);
  await handle.write(byte, 0, 1, at);
}

/** By the archive_command itself, which must refuse it. */
async function pushOther({ replica }: DamagedArchive, name: string): Promise<void> {
  const { shell, data, command } = replica;
  const own = 'other-content';
  const push = command.replaceAll('%p', own).replaceAll('%f', name);
  const script = `cd "$1" && cp "pg_wal/$2" ${own} || exit 8
printf x >>${own}
${push}
code=$?
rm ${own}
exit $code`;
  const { exitCode, stderr } = await shell.run(['sh', '-c', script, 'sh', data, name]);
  if (exitCode === 1 && stderr.includes('with another content')) return;
  throw new HarnessBug(`archive_command took another content of ${name}: ${exitCode}: ${stderr}`);
}
