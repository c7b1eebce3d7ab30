/** `bisim coverage BINDING…` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import type { CoverageFlags } from '../covering/coverageVerb.ts';
import { plainText, tlcFlags, wholeNumber } from './tlcFlags.ts';
import { verbFlags, type VerbFlags } from './verb.ts';

type Flags = VerbFlags & CoverageFlags;

export const coverageCommand = buildCommand<Flags, string[], CommandContext>({
  docs: {
    brief: 'Which actions, edges and guards the code reached, and which it never did',
    fullDescription:
      'What of a spec its implementation reaches: by a replay, or by traces of what ran ' +
      '(recordings, ITF, NDJSON). Lists the actions, by arguments too, that nothing ever did, ' +
      'and the guards that nothing ever tried.\n\n' +
      'Example: bisim coverage test/twoPhase.ts --trace run1.itf.json --trace run2.itf.json',
  },
  parameters: {
    positional: {
      kind: 'array',
      parameter: { parse: plainText, brief: 'Files that export bindings', placeholder: 'BINDING' },
    },
    flags: {
      ...verbFlags,
      config: {
        kind: 'parsed',
        parse: plainText,
        brief: 'A .cfg other than the binding’s own model',
        optional: true,
      },
      mode: {
        kind: 'enum',
        values: ['edges', 'tours', 'simulation', 'walk', 'trace'],
        brief: 'What is replayed where no trace is named: edges, tours or walk',
        optional: true,
      },
      trace: {
        kind: 'parsed',
        parse: plainText,
        brief: 'What ran: a recording, ITF or NDJSON; may be repeated',
        variadic: true,
        optional: true,
      },
      steps: {
        kind: 'parsed',
        parse: wholeNumber(1, 1e9),
        brief: 'Steps of all walks together (10000)',
        optional: true,
      },
      seed: {
        kind: 'parsed',
        parse: wholeNumber(0, 2 ** 31 - 1),
        brief: 'Of tours and walks',
        default: '1',
      },
      parallel: {
        kind: 'parsed',
        parse: wholeNumber(1, 256),
        brief: 'Worker threads side by side',
        default: '1',
      },
      timeout: tlcFlags.timeout,
      memory: tlcFlags.memory,
      jar: tlcFlags.jar,
      cache: { kind: 'boolean', brief: 'Take results of earlier runs', default: true },
    },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { coverageVerb } = await import('../covering/coverageVerb.ts');
    return (flags: Flags, ...paths: string[]) =>
      runVerb('coverage', flags, (context) => coverageVerb(paths, flags, context));
  },
});
