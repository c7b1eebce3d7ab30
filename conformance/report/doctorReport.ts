/** What `doctor --json` prints. */
import { z } from 'zod';

export const doctorReportSchema = z.object({
  schema: z.literal('bisim.doctor.1'),
  verdict: z.enum(['ok', 'violation', 'error']),
  findings: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['ok', 'absent', 'missing', 'wrong', 'stale']),
      /** What was found, in one line. */
      found: z.string(),
      /** What to do about it. */
      next: z.string().optional(),
    }),
  ),
});

export type DoctorReport = z.output<typeof doctorReportSchema>;
