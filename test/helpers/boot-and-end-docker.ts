/** Process entry: boots a container cluster, ends it, reports that, and has nothing left to do. */
import { bootDocker } from './docker.ts';

const cluster = await bootDocker({ nodes: 1 });
await cluster[Symbol.asyncDispose]();
console.log('ended');
