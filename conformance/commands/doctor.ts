/** `bisim doctor` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import { runVerb, verbFlags, type VerbFlags } from './verb.ts';

interface Flags extends VerbFlags {
  readonly offline: boolean;
  readonly config?: string;
  readonly jar?: string;
}

const text = (input: string): string => input;

export const doctorCommand = buildCommand<Flags, [], CommandContext>({
  docs: {
    brief: 'What is there, what is missing, and how to get it',
    fullDescription:
      'Looks at Node, Java, the jar of TLC (fetched where it is not there yet), folders to write in, ' +
      'the config, the specs and generated types. Exit 3: the machine lacks something; 2: the ' +
      'project is wrong; 1: types are stale.\n\n' +
      'Example: bisim doctor --offline',
  },
  parameters: {
    flags: {
      ...verbFlags,
      offline: { kind: 'boolean', brief: 'Fetch nothing', default: false },
      config: { kind: 'parsed', parse: text, brief: 'The config file', optional: true },
      jar: { kind: 'parsed', parse: text, brief: 'The TLC jar to use', optional: true },
    },
  },
  loader: async () => {
    const { doctor } = await import('../scaffold/doctor.ts');
    return (flags: Flags) =>
      runVerb('doctor', flags, (context) => doctor({ ...context, ...flags }));
  },
});
