#!/usr/bin/env node
/** Entry of the installed package. On a Node that cannot even load the rest, it says so in words. */
const needed = 24;
const [major] = process.versions.node.split('.').map(Number);
if (major === undefined || major < needed) {
  process.stderr.write(
    `forkpoint needs Node ${needed} or later, and this is ${process.version} (${process.execPath}).\n` +
      `Where it cannot be installed, npm brings one: npx -p node@${needed} -p forkpoint forkpoint ...\n`,
  );
  process.exitCode = 4;
} else {
  await import('./cli.ts');
}
