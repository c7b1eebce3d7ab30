/** The schema of a verb's --json output, as an outcome: the schema is the text and the report. */
import { z } from 'zod';
import { exitCodes } from '../report/exitCodes.ts';
import type { Outcome } from '../report/outcome.ts';
import { isReportingVerb, reportingVerbs, reportSchema } from '../report/reportSchemas.ts';
import { UsageError } from '../sources/usageError.ts';

export async function schemaVerb(verb = 'verify', list: boolean): Promise<Outcome> {
  if (list) {
    const report = { schema: 'bisim.schema.1', verdict: 'ok', verbs: reportingVerbs } as const;
    return { exitCode: exitCodes.ok, report, text: `${reportingVerbs.join('\n')}\n`, cases: [] };
  }
  if (!isReportingVerb(verb)) {
    throw new UsageError(
      'no-schema',
      `there is no schema of ${JSON.stringify(verb)}`,
      `Name one of ${reportingVerbs.join(', ')}.`,
    );
  }
  const jsonSchema = z.toJSONSchema(await reportSchema(verb));
  const report = { schema: 'bisim.schema.1', verdict: 'ok', verb, jsonSchema } as const;
  const text = `${JSON.stringify(jsonSchema, null, 2)}\n`;
  return { exitCode: exitCodes.ok, report, text, cases: [] };
}
