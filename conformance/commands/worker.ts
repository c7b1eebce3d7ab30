/** `bisim worker HOST` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import type { WorkerFlags } from '../check/workerVerb.ts';
import { parseWorkers, plainText, tlcFlags, wholeNumber } from './tlcFlags.ts';
import { verbFlags, type VerbFlags } from './verb.ts';

type Flags = VerbFlags & WorkerFlags;
const { timeout, memory, jar } = tlcFlags;

export const workerCommand = buildCommand<Flags, [string], CommandContext>({
  docs: {
    brief: 'Join the distributed search of another machine',
    fullDescription:
      'Works for the search that runs on HOST under bisim check --distributed, until it is done. ' +
      'The spec comes from there. Both machines must reach each other on all ports: TLC speaks ' +
      'Java RMI, unencrypted; join only machines and networks you trust.\n\n' +
      'Example: bisim worker build-3 --workers 8',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ parse: plainText, brief: 'Where the search runs', placeholder: 'HOST' }],
    },
    flags: {
      ...verbFlags,
      workers: {
        kind: 'parsed',
        parse: parseWorkers,
        brief: 'Threads; one a core if not given',
        optional: true,
      },
      port: {
        kind: 'parsed',
        parse: wholeNumber(1, 65_535),
        brief: 'The port of the search, 10997 if not given',
        optional: true,
      },
      timeout,
      memory,
      jar,
    },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { workerVerb } = await import('../check/workerVerb.ts');
    return (flags: Flags, host: string) =>
      runVerb('worker', flags, (context) => workerVerb(host, flags, context));
  },
});
