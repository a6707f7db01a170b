import type { Reporter } from '../contracts/evidence.ts';
import type { Result } from '../contracts/result.ts';
import { messageOf } from '../std/errors.ts';
import { Breach, demand, demandEqual, type Rule, type Subject } from './rule.ts';
import { losing, passing, unjudged, withTimeline } from './samples/results.ts';

type ReporterSubject = Subject<Reporter>;

/** Characters that a terminal, a log viewer or a CI system would interpret. */
const escape = '\u001b[2J';

/** Files of a run that are not reports. */
const kept = ['plan.json', 'events.jsonl', 'readback.json', 'settings.json', 'lab.json'];

/** The rules for every reporter. */
export const reporterRules: readonly Rule<ReporterSubject>[] = [
  {
    says: 'writes a file of its own in the folder of the run',
    check: ({ name, extension: { fileName }, registry }) => {
      demand(/^[A-Za-z0-9][\w.-]*$/.test(fileName), `\`fileName\` is no file name: '${fileName}'`);
      const others = [...registry.reporters].filter(([other]) => other !== name);
      const taken = [...kept, ...others.map(([, reporter]) => reporter.fileName)];
      demand(!taken.includes(fileName), `\`fileName\` is taken: ${fileName}`);
    },
  },
  {
    says: 'renders every run, always the same, and changes nothing',
    check: ({ extension }) => {
      for (const result of [passing, losing, unjudged, withTimeline]) {
        const text = render(extension, result);
        demand(text.trim() !== '', `renders nothing for a run that ended ${result.status}`);
        demandEqual(render(extension, result), text, 'asked a second time it renders');
      }
    },
  },
  {
    says: "keeps control characters of others' words out of its text",
    check: ({ extension }) => {
      const said = `x${escape}`;
      const text = render(extension, { ...losing, claim: said, problems: [said], backend: said });
      demand(!text.includes(escape), 'an escape sequence of the result is in what it renders');
    },
  },
];

function render(reporter: Reporter, result: Result): string {
  try {
    return reporter.render(structuredClone(result));
  } catch (error) {
    throw new Breach(`for a run that ended ${result.status} it throws: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
