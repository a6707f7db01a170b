import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { packageRoot, reportsFolder } from '../store/run-folders.ts';

/** Replaces this host's own folders by their role in the run: their location is private. */
export function withoutHostPaths(directories: readonly string[]): (text: string) => string {
  const folders = new Map<string, string>([
    ...directories.map((directory) => [trimmed(directory), '<run>'] as const),
    [trimmed(reportsFolder()), '<reports>'],
    [trimmed(fileURLToPath(packageRoot)), '<forkpoint>'],
    [trimmed(process.cwd()), '<cwd>'],
    [trimmed(homedir()), '~'],
  ]);
  const known = [...folders].filter(([folder]) => folder.length > 1);
  const longestFirst = known.sort(([a], [b]) => b.length - a.length);
  const patterns = longestFirst.map(
    ([folder, word]) => [new RegExp(`${RegExp.escape(folder)}(?![\\w.-])`, 'g'), word] as const,
  );
  return (text) => patterns.reduce((all, [pattern, word]) => all.replace(pattern, word), text);
}

function trimmed(folder: string): string {
  return folder.replace(/\/+$/, '');
}
