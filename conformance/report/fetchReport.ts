/** The one object that `bisim fetch --json` prints, as a schema. */
import { z } from 'zod';

export const fetchReportSchema = z.object({
  schema: z.literal('bisim.fetch.1'),
  verdict: z.literal('ok'),
  jar: z.string(),
  version: z.string(),
  sha256: z.string(),
  source: z.enum(['option', 'environment', 'cache', 'release', 'maven']),
  /** What this TLC has beyond the 1.7 series. */
  features: z.array(z.string()),
  /** What was tried before, each with its reason. */
  notes: z.array(z.string()),
});

export type FetchReport = z.output<typeof fetchReportSchema>;
