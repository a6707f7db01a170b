import { libpqParameters } from './parameters.ts';
import type { RawParameters } from './parse.ts';

/** Names that Go and Node load clients use, and libpq's parameter for each. */
const otherNames: Readonly<Record<string, string>> = {
  DB_HOST: 'host',
  DB_PORT: 'port',
  DB_USER: 'user',
  DB_PASSWORD: 'password',
  DB_NAME: 'dbname',
  DB_SSL_MODE: 'sslmode',
};

export interface FromEnvironment {
  readonly parameters: RawParameters;
  /** By parameter: a sentence about the variable that gives it under another name than libpq's, without its value. */
  readonly notes: ReadonlyMap<string, string>;
}

/** What the environment says; libpq's own variables count before others. An empty variable is absent. */
export function readEnvironment(environment: NodeJS.ProcessEnv): FromEnvironment {
  const parameters = new Map<string, string>();
  for (const [name, { variable }] of Object.entries(libpqParameters)) {
    const value = variable === undefined ? undefined : environment[variable];
    if (value !== undefined && value !== '') parameters.set(name, value);
  }
  const notes = new Map<string, string>();
  for (const [variable, name] of Object.entries(otherNames)) {
    const value = environment[variable];
    if (value === undefined || value === '' || parameters.has(name)) continue;
    parameters.set(name, value);
    const libpqName = libpqParameters[name]?.variable ?? name;
    notes.set(name, `${variable} is used; its name in libpq is ${libpqName}`);
  }
  return { parameters, notes };
}
