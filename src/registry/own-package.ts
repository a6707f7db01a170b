import { registerHooks } from 'node:module';
import { ownModule } from '../std/own-module.ts';

const specifier = 'forkpoint/extension';
let isRegistered = false;

/**
 * From now on `forkpoint/extension` is the running Forkpoint, wherever the file lies that imports it: an extension needs no
 * installed package, and its errors are of our classes.
 */
export function provideOwnPackage(): void {
  if (isRegistered) return;
  isRegistered = true;
  const url = ownModule('../api/extension', import.meta.url).href;
  registerHooks({
    resolve: (asked, context, next) =>
      asked === specifier ? { url, shortCircuit: true } : next(asked, context),
  });
}
