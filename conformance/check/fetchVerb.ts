/** The body of `bisim fetch`: the jar is had, verified, and named. */
import { exitCodes } from '../report/exitCodes.ts';
import type { FetchReport } from '../report/fetchReport.ts';
import type { Outcome } from '../report/outcome.ts';
import { featuresOf } from '../tlc/features.ts';
import { getJar } from '../tlc/jar.ts';

export async function fetchVerb(
  { jar: named }: { readonly jar?: string },
  { signal }: { signal: AbortSignal },
): Promise<Outcome> {
  const jar = await getJar({ signal, ...(named === undefined ? {} : { jar: named }) });
  const { path, version, sha256, source } = jar;
  const features = Object.entries(featuresOf(version))
    .filter(([, has]) => has)
    .map(([name]) => name);
  const notes = [...jar.notes];
  const report: FetchReport = {
    schema: 'bisim.fetch.1',
    verdict: 'ok',
    jar: path,
    ...{ version, sha256, source, features, notes },
  };
  const text = [
    path,
    `  TLC ${version}, from: ${source}`,
    `  SHA-256 ${sha256}`,
    ...notes.map((note) => `  note: ${note}`),
    '',
  ].join('\n');
  return { exitCode: exitCodes.ok, report, text, cases: [] };
}
