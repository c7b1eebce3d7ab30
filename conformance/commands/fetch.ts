/** `bisim fetch` on the command line. */
import { buildCommand, type CommandContext } from '@stricli/core';
import { tlcFlags } from './tlcFlags.ts';
import { verbFlags, type VerbFlags } from './verb.ts';

interface Flags extends VerbFlags {
  readonly jar?: string;
}

export const fetchCommand = buildCommand<Flags, [], CommandContext>({
  docs: {
    brief: 'Get the TLC jar, verify it, and say where it is from',
    fullDescription:
      'Looks at --jar or TLA2TOOLS_JAR, the cache, the official release, and Maven, in that order; ' +
      'the jar is held to its SHA-256.\n\nExample: bisim fetch --json',
  },
  parameters: { flags: { ...verbFlags, jar: tlcFlags.jar } },
  loader: async () => {
    const { runVerb } = await import('./verb.ts');
    const { fetchVerb } = await import('../check/fetchVerb.ts');
    return (flags: Flags) => runVerb('fetch', flags, (context) => fetchVerb(flags, context));
  },
});
