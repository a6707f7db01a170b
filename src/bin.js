#!/usr/bin/env node
// @ts-check
import { statSync } from 'node:fs';
// Not by name: a Node that is too old has no enableCompileCache, and must come as far as saying so.
import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

/**
 * Entry of the command. On a Node that cannot even load the rest, it says so in words. JavaScript, for two reasons: an old
 * Node must be able to read it, and stripping types from one file costs more than all else until the cache is open.
 */
const needed = 24;
const [major] = process.versions.node.split('.').map(Number);
if (major === undefined || major < needed) {
  process.stderr.write(
    `forkpoint needs Node ${needed} or later, and this is ${process.version} (${process.execPath}).\n` +
      `Where it cannot be installed, npm brings one: npx -p node@${needed} -p forkpoint forkpoint ...\n`,
  );
  process.exitCode = 4;
} else {
  keepCompiledCode();
  await import('./cli.ts');
}

/**
 * Most of a start is parsing. Node's own folder for compiled code is below /tmp, where another user could leave code for
 * root to run: ours is below a home that is this user's. Without one, a start only takes longer.
 */
function keepCompiledCode() {
  const { NODE_COMPILE_CACHE, NODE_V8_COVERAGE, XDG_CACHE_HOME } = process.env;
  if (NODE_COMPILE_CACHE !== undefined || NODE_V8_COVERAGE !== undefined) return;
  const owner = statSync(XDG_CACHE_HOME ?? homedir(), { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner !== process.getuid?.()) return;
  const caches = XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  module.enableCompileCache(path.join(caches, 'forkpoint', 'compiled'));
}
