/** `bisim validate BINDING TRACE…` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import type { ValidateFlags } from '../validate/validateVerb.ts';
import { plainText, tlcFlags } from './tlcFlags.ts';
import { verbFlags, type VerbFlags } from './verb.ts';

type Flags = VerbFlags & ValidateFlags;

const { timeout, memory, jar } = tlcFlags;

export const validateCommand = buildCommand<Flags, [string, ...string[]], CommandContext>({
  docs: {
    brief: 'Did recorded runs obey the spec? No trace spec to write',
    fullDescription:
      'Holds recordings of running code (createRecorder of bisim/recorder) to the spec of a ' +
      'binding. Recordings of one run are merged by their logical clocks; a last line that a ' +
      'crash tore is passed over, and that is said. ITF traces are taken as recordings of ' +
      'states. Of a rejected trace: the last matched event, what was enabled there, the guard ' +
      'that is false, and what differs.\n\n' +
      'Example: bisim validate test/binding.ts runs/*.ndjson --config specs/TwoPhase-5RM.cfg',
  },
  parameters: {
    positional: {
      kind: 'array',
      parameter: {
        parse: plainText,
        brief: 'The binding, then the recordings',
        placeholder: 'BINDING TRACE',
      },
      minimum: 1,
    },
    flags: {
      ...verbFlags,
      config: {
        kind: 'parsed',
        parse: plainText,
        brief: 'A .cfg with other constants than the binding’s model',
        optional: true,
      },
      merge: { kind: 'boolean', brief: 'All files are one run, whatever they say', default: false },
      ...{ timeout, memory, jar },
      cache: { kind: 'boolean', brief: 'Take verdicts of earlier runs', default: true },
    },
  },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { validateVerb } = await import('../validate/validateVerb.ts');
    return (flags: Flags, binding: string, ...traces: string[]) =>
      runVerb('validate', flags, (context) => validateVerb(binding, traces, flags, context));
  },
});
