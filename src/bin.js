#!/usr/bin/env -S node --
// `--`: else Node takes our --env-file for its own.
// @ts-check
import { statSync } from 'node:fs';
// Not imported by name: an old Node lacks enableCompileCache, and must get far enough to report its version.
import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

/**
 * Entry of the command. A Node too old to load the rest gets a message. JavaScript, for two reasons: an old Node must be
 * able to read it, and stripping the types of one file takes longer than everything else before the cache is open.
 */
const needed = 24;
const [major] = process.versions.node.split('.').map(Number);
if (major === undefined || major < needed) {
  process.stderr.write(
    `forkpoint needs Node ${needed} or later, and this is ${process.version} (${process.execPath}).\n` +
      `If you cannot install it, npm can fetch one: npx -p node@${needed} -p forkpoint forkpoint ...\n`,
  );
  process.exitCode = 4;
} else {
  keepCompiledCode();
  await import('./cli.ts');
}

/**
 * Most of the start-up time is parsing. Node's default folder for compiled code is below /tmp, where another user could
 * leave code for root to run: Forkpoint's is below the user's own home. Without a home, a start only takes longer.
 */
function keepCompiledCode() {
  const { NODE_COMPILE_CACHE, NODE_V8_COVERAGE, XDG_CACHE_HOME } = process.env;
  if (NODE_COMPILE_CACHE !== undefined || NODE_V8_COVERAGE !== undefined) return;
  const owner = statSync(XDG_CACHE_HOME ?? homedir(), { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner !== process.getuid?.()) return;
  const caches = XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  module.enableCompileCache(path.join(caches, 'forkpoint', 'compiled'));
}
