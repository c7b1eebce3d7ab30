/** What `bisim types --json` prints. */
import { z } from 'zod';

const typed = z.object({ name: z.string(), type: z.string() });

export const typesReportSchema = z.object({
  schema: z.literal('bisim.types.1'),
  verdict: z.enum(['ok', 'violation']),
  file: z.string(),
  /** With --check: current or stale; else current where nothing had to be written. */
  state: z.enum(['written', 'current', 'stale']),
  reason: z.string().optional(),
  types: z
    .object({
      module: z.string(),
      constants: z.array(typed),
      variables: z.array(typed.extend({ from: z.string() })),
      actions: z.array(z.object({ name: z.string(), args: z.array(typed) })),
      unknown: z.array(z.string()),
    })
    .optional(),
});

export type TypesReport = z.infer<typeof typesReportSchema>;
