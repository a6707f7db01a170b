import type { Json } from '../../contracts/json.ts';
import type { Path } from '../parse/parse-yaml.ts';
import { isCommandKey } from './commands.ts';
import type { Listing } from './listing.ts';

/**
 * Patroni's file is plain YAML: a placeholder of envsubst, Jinja or Helm would be taken as it stands. In a command it is
 * the shell's own.
 */
export function refuseTemplates(value: Json, listing: Listing, path: Path = []): void {
  if (typeof value === 'string') {
    const found = /\{\{.*?\}\}|\$\{\w+[^}]*\}/.exec(value)?.[0];
    const isShells = found?.startsWith('$') === true && isCommandKey(String(path.at(-1)));
    if (found === undefined || isShells) return;
    listing.refuse(
      path,
      `'${found}' is taken as it stands: Patroni substitutes no variables in its file (it reads PATRONI_* from its ` +
        'environment). Give the rendered file',
    );
  } else if (Array.isArray(value)) {
    value.forEach((entry: Json, index) => refuseTemplates(entry, listing, [...path, index]));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value))
      refuseTemplates(child, listing, [...path, key]);
  }
}
