import { run } from '../std/exec.ts';

/** The commit checked out here: from CI's variables, else from git; null when neither knows it. */
export async function currentCommit(): Promise<string | null> {
  const told = process.env.GITHUB_SHA ?? process.env.CI_COMMIT_SHA;
  if (told !== undefined && told !== '') return told;
  try {
    const { exitCode, stdout } = await run(['git', 'rev-parse', 'HEAD'], { timeoutMs: 5_000 });
    return exitCode === 0 ? stdout.trim() : null;
  } catch {
    // There is no git on this host.
    return null;
  }
}
