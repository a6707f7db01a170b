import type { Json } from '../../contracts/json.ts';
import type { FittedConfig, LabContents } from '../../contracts/own-patroni.ts';
import { isMapping, type Raw } from '../parse/mapping.ts';
import type { Path } from '../parse/parse-yaml.ts';
import { fitAuthentication, loginsOf } from './authentication.ts';
import { fitBootstrap } from './bootstrap.ts';
import type { FitContext } from './context.ts';
import { fitDynamic } from './dynamic.ts';
import { fitHba, labLines } from './hba.ts';
import type { Listing } from './listing.ts';
import { fitParameters } from './parameters.ts';
import { fitPostgresql } from './postgresql.ts';
import { fitTags } from './tags.ts';
import { fitTop } from './top.ts';
import { refuseTemplates } from './templates.ts';

export interface FitOptions {
  readonly listing: Listing;
  readonly contents: LabContents;
  readonly nodes: readonly string[];
  readonly hasTls: boolean;
  /** Of this process: Patroni would read some of its variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The user's file as a lab can run it. What differs goes to the listing, and what no lab can run is refused there. */
export function fitConfig(content: Raw, options: FitOptions): FittedConfig {
  const { listing } = options;
  refuseTemplates(content as Json, listing);
  const bootstrap = sectionOf(content.bootstrap);
  const dcs = sectionOf(bootstrap.dcs);
  const postgresql = sectionOf(content.postgresql);
  const isSynchronous = ![undefined, false, 'off'].includes(dcs.synchronous_mode as undefined);
  const { contents, nodes, hasTls } = options;
  const context: FitContext = { listing, contents, nodes, isSynchronous, hasTls };
  fitTop(content, { ...context, environment: options.environment });
  const dynamic = fitDynamic(dcs, context);
  const ofMember = { ...context, path: ['postgresql'], isMembers: true };
  const basebackup = basebackupOf([postgresql, sectionOf(dcs.postgresql)], listing);
  const parameters = sectionOf(postgresql.parameters);
  const pgHba = hbaOf(content, context);
  return {
    ...dynamic,
    postgresql: { ...fitPostgresql(postgresql, ofMember), ...basebackup },
    parameters: fitParameters(parameters, { ...ofMember, path: ['postgresql', 'parameters'] }),
    ...(pgHba && { pgHba }),
    tags: fitTags(sectionOf(content.tags), ['tags'], context),
    ...fitBootstrap(bootstrap, context),
    authentication: fitAuthentication(sectionOf(postgresql.authentication), context),
    replaced: listing.entries,
  };
}

function sectionOf(value: unknown): Raw {
  return isMapping(value) ? value : {};
}

/** The lines that Patroni would write: the member's own, else the dynamic ones, else those for the bootstrap. */
function hbaOf(content: Raw, context: FitContext): readonly string[] | undefined {
  const bootstrap = sectionOf(content.bootstrap);
  const postgresql = sectionOf(content.postgresql);
  const places: readonly (readonly [Path, unknown])[] = [
    [['postgresql', 'pg_hba'], postgresql.pg_hba],
    [
      ['bootstrap', 'dcs', 'postgresql', 'pg_hba'],
      sectionOf(sectionOf(bootstrap.dcs).postgresql).pg_hba,
    ],
    [['bootstrap', 'pg_hba'], bootstrap.pg_hba],
  ];
  const [used, ...others] = places.filter(([, lines]) => lines !== undefined && lines !== null);
  const { listing, contents } = context;
  for (const [path, lines] of others) {
    listing.leaveOut(
      path,
      lines as Json,
      `${used?.[0].join('.') ?? ''} goes before it, on your cluster, too`,
    );
  }
  if (!used) return undefined;
  const [path, lines] = used;
  if (!Array.isArray(lines)) {
    listing.refuse(path, 'must be a list of lines');
    return undefined;
  }
  const first = labLines(loginsOf(sectionOf(postgresql.authentication)), contents);
  return fitHba(path, lines as readonly Json[], { ...context, first });
}

/** Options of pg_basebackup. Shape: a mapping, or a list of texts and mappings; without the folder of the WAL. */
function basebackupOf(
  sections: readonly [postgresql: Raw, dynamic: Raw],
  listing: Listing,
): { readonly basebackup?: readonly Json[] } {
  const [own, dynamic] = sections;
  const isOwn = own.basebackup !== undefined;
  const given = isOwn ? own.basebackup : dynamic.basebackup;
  if (given === undefined) return {};
  const path = [...(isOwn ? [] : ['bootstrap', 'dcs']), 'postgresql', 'basebackup'];
  const options = isMapping(given)
    ? Object.entries(given).map(([name, value]) => ({ [name]: value }) as Json)
    : [given].flat().map((option) => option as Json);
  listing.add(path.join('.'), 'checkpoint: fast, no-sync', 'added: a lab boots faster');
  const isPath = (option: Json) =>
    isMapping(option) && ('waldir' in option || 'tablespace-mapping' in option);
  for (const option of options.filter(isPath))
    listing.leaveOut(path, option, 'a lab has paths of its own');
  return { basebackup: options.filter((option) => !isPath(option)) };
}
