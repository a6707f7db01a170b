import type { Finding } from '../../contracts/finding.ts';

/** A missing requirement that prevents a run, and how to get it. */
export function absent(
  name: string,
  detail: string,
  packages: readonly string[],
  hint?: string,
): Finding {
  const install = packages.length > 0 ? `apt-get install ${packages.join(' ')}` : undefined;
  const remedy = [install, hint].filter((part) => part !== undefined).join(', or ');
  return { name, isMissing: true, detail, remedy, packages };
}
