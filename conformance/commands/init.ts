/** `bisim init` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import { runVerb, verbFlags, type VerbFlags } from './verb.ts';

export const initCommand = buildCommand<VerbFlags, [string?], CommandContext>({
  docs: {
    brief: 'Write a project that works: spec, code, binding, test, CI',
    fullDescription:
      'Writes a small lock as TLA+ spec, TypeScript code, binding, vitest test, mutants, ' +
      'bisim.config.ts and a CI workflow, to be replaced by your own. Changes no file that is there.\n\n' +
      'Example: bisim init my-protocol',
  },
  parameters: {
    flags: verbFlags,
    positional: {
      kind: 'tuple',
      parameters: [
        {
          brief: 'The folder; the current one if not given',
          parse: (input: string) => input,
          placeholder: 'DIR',
          optional: true,
        },
      ],
    },
  },
  loader: async () => {
    const { init } = await import('../scaffold/init.ts');
    const { packageVersion } = await import('../project/packageVersion.ts');
    return (flags: VerbFlags, folder = '.') =>
      runVerb('init', flags, ({ cwd }) =>
        Promise.resolve(init({ folder, cwd, version: packageVersion() })),
      );
  },
});
