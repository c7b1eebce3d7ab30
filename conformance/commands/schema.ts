/** `bisim schema`: the JSON schema of what `verify --json` prints. */
import { buildCommand, type CommandContext } from '@stricli/core';

export const schemaCommand = buildCommand<Record<never, never>, [], CommandContext>({
  docs: {
    brief: 'The JSON schema of what verify --json prints',
    fullDescription: 'Example: bisim schema > verify.schema.json',
  },
  parameters: {},
  loader: async () => {
    const { z } = await import('zod');
    const { verifyReportSchema } = await import('../report/verifyReport.ts');
    return () => {
      process.stdout.write(`${JSON.stringify(z.toJSONSchema(verifyReportSchema), null, 2)}\n`);
    };
  },
});
