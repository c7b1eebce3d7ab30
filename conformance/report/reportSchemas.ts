/**
 * The schemas of what verbs print with --json, by verb. Loaded one at a time: a command line that
 * needs one must not wait for all.
 */
import type { z } from 'zod';

export type ReportSchema = z.ZodObject<z.ZodRawShape>;

const loaders = {
  verify: async () => (await import('./verifyReport.ts')).verifyReportSchema,
  check: async () => (await import('./checkReport.ts')).checkReportSchema,
  simulate: async () => (await import('./simulateReport.ts')).simulateReportSchema,
  graph: async () => (await import('./graphReport.ts')).graphReportSchema,
  replay: async () => (await import('./replayReport.ts')).replayReportSchema,
  validate: async () => (await import('./validateReport.ts')).validateReportSchema,
  coverage: async () => (await import('./coverageReport.ts')).coverageReportSchema,
  linearize: async () => (await import('./linearizeReport.ts')).linearizeReportSchema,
  mutate: async () => (await import('./mutateReport.ts')).mutateReportSchema,
  explain: async () => (await import('./explainReport.ts')).explainReportSchema,
  worker: async () => (await import('./workerReport.ts')).workerReportSchema,
  types: async () => (await import('./typesReport.ts')).typesReportSchema,
  init: async () => (await import('./initReport.ts')).initReportSchema,
  doctor: async () => (await import('./doctorReport.ts')).doctorReportSchema,
  fetch: async () => (await import('./fetchReport.ts')).fetchReportSchema,
  error: async () => (await import('./errorReport.ts')).errorReportSchema,
} as const satisfies Readonly<Record<string, () => Promise<ReportSchema>>>;

export type ReportingVerb = keyof typeof loaders;

/** `error` is no verb: it is what every verb prints where it could not work. */
export const reportingVerbs = Object.keys(loaders) as readonly ReportingVerb[];

export function isReportingVerb(name: string): name is ReportingVerb {
  return Object.hasOwn(loaders, name);
}

export function reportSchema(verb: ReportingVerb): Promise<ReportSchema> {
  return loaders[verb]();
}
