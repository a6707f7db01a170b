// The package has no types. Its main function reads PGPASSFILE from the process's environment only, this one any stream.
declare module 'pgpass/lib/helper.js' {
  import type { Readable } from 'node:stream';

  interface Login {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
  }
  const helper: {
    getPassword(login: Login, lines: Readable, done: (password: string | undefined) => void): void;
  };
  export default helper;
}
