/** `bisim types` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import { runVerb, verbFlags, type VerbFlags } from './verb.ts';

interface Flags extends VerbFlags {
  readonly config?: string;
  readonly out?: string;
  readonly from?: string;
  readonly check: boolean;
  readonly jar?: string;
}

const text = (input: string): string => input;

export const typesCommand = buildCommand<Flags, [string], CommandContext>({
  docs: {
    brief: 'TypeScript types and zod schemas of a spec’s variables, constants and arguments',
    fullDescription:
      'Writes <Module>.types.ts beside the spec, from TypeOK (else Init and the actions), from the ' +
      'quantifiers of Next and the constants of the cfg. A binding of these types does not compile ' +
      'while it lacks an action.\n\n' +
      'Example: bisim types specs/TwoPhase.tla --config TwoPhase.cfg',
  },
  parameters: {
    flags: {
      ...verbFlags,
      config: {
        kind: 'parsed',
        parse: text,
        brief: 'The cfg that gives the constants',
        optional: true,
      },
      out: {
        kind: 'parsed',
        parse: text,
        brief: 'Another file than <Module>.types.ts',
        optional: true,
      },
      from: {
        kind: 'parsed',
        parse: text,
        brief: 'What the file imports the toolkit from, "bisim" if not given',
        optional: true,
      },
      check: {
        kind: 'boolean',
        brief:
          'Write nothing; exit 1 if the file no longer is what the spec makes (no Java needed)',
        default: false,
      },
      jar: { kind: 'parsed', parse: text, brief: 'The TLC jar to use', optional: true },
    },
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'The root .tla file', parse: text, placeholder: 'SPEC' }],
    },
  },
  loader: async () => {
    const { writeTypes } = await import('../types/writeTypes.ts');
    return (flags: Flags, spec: string) =>
      runVerb('types', flags, ({ cwd, signal }) => {
        const { config: cfg, out, from, check, jar } = flags;
        return writeTypes({
          ...{ spec, check, cwd, signal },
          ...(cfg !== undefined && { cfg }),
          ...(out !== undefined && { out }),
          ...(from !== undefined && { from }),
          ...(jar !== undefined && { jar }),
        });
      });
  },
});
