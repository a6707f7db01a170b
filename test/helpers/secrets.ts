import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

type ProcessFile = 'cmdline' | 'environ';

/** The password as it may look where something quotes, escapes or encodes it; `part`: letters of it that no quoting changes. */
export function formsOf(password: string, user: string, part: string): readonly Buffer[] {
  return [
    password,
    encodeURIComponent(password),
    Buffer.from(password).toString('base64'),
    Buffer.from(`${user}:${password}`).toString('base64'),
    JSON.stringify(password).slice(1, -1),
    password.replaceAll("'", "''"),
    password.replaceAll("'", `'\\''`),
    password.replace(/[\\:]/g, '\\$&'),
    password.replace(/[\\']/g, '\\$&'),
    part,
  ].map((form) => Buffer.from(form));
}

export function holds(content: Buffer, forms: readonly Buffer[]): boolean {
  return forms.some((form) => content.includes(form));
}

/** The files of /proc that hold one of these forms, of every process of the host, those in labs included. */
export function tellingProcesses(
  forms: readonly Buffer[],
  names: readonly ProcessFile[],
): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .flatMap((pid) => names.map((name) => `/proc/${pid}/${name}`))
    .filter((file) => {
      try {
        return holds(readFileSync(file), forms);
      } catch {
        return false;
      }
    });
}

/** Looks at all processes until `work` ends. Resolves to the files of /proc that held one of the forms. */
export async function tellingUntil(
  work: Promise<unknown>,
  forms: readonly Buffer[],
  names: readonly ProcessFile[] = ['cmdline', 'environ'],
): Promise<readonly string[]> {
  const found = new Set<string>();
  let hasEnded = false;
  void work.catch(() => undefined).finally(() => (hasEnded = true));
  while (!hasEnded) {
    for (const file of tellingProcesses(forms, names)) found.add(file);
    await sleep(50);
  }
  return [...found];
}
