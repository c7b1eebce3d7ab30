/**
 * Reads what a verb printed with --json. What must hold: only an object that keeps the schema it
 * names is taken; everything else is a UsageError that says what it is instead.
 */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { requireFile } from '../project/specFiles.ts';
import { isReportingVerb, reportSchema, type ReportingVerb } from '../report/reportSchemas.ts';
import { UsageError } from '../sources/usageError.ts';

const bytesMax = 128 << 20;
const stdinFile = 0;
const next = 'Give a file that a verb’s output was written to: bisim check SPEC --json > FILE.';

export interface ReadResult {
  readonly verb: ReportingVerb;
  /** Keeps the schema of the verb. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** `-` is the standard input. */
export async function readResult(path: string, cwd: string): Promise<ReadResult> {
  const name = path === '-' ? 'the standard input' : path;
  const json = parse(readText(path, cwd), name);
  const said = schemaOf(json);
  const [, verb = '', version] = /^bisim\.([a-z]+)\.(\d+)$/.exec(said ?? '') ?? [];
  if (said === undefined) {
    const next = isTrace(json) ? 'Replay a trace: bisim replay BINDING --trace FILE.' : undefined;
    return refuse(
      name,
      isTrace(json) ? 'a trace, not the result of a verb' : 'no result of bisim',
      next,
    );
  }
  if (!isReportingVerb(verb))
    return refuse(name, `of the schema ${JSON.stringify(said.slice(0, 60))}`);
  const schema = await reportSchema(verb);
  const { success, data, error } = schema.safeParse(json);
  if (success) return { verb, report: data };
  const { path: at = [], message = '' } = error.issues[0] ?? {};
  const place = at.length === 0 ? '' : ` at ${at.map(String).join('.')}`;
  return refuse(name, `not as bisim.${verb}.${version} must be${place}: ${message}`);
}

function readText(path: string, cwd: string): string {
  if (path === '-') return readFileSync(stdinFile, 'utf8');
  const file = requireFile(resolve(cwd, path), 'result', next);
  if (statSync(file).size > bytesMax) refuse(path, 'larger than any result');
  return readFileSync(file, 'utf8');
}

function parse(text: string, name: string): unknown {
  if (text.trim() === '') return refuse(name, 'empty');
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = (cause as Error).message.replaceAll(/\s+/g, ' ').slice(0, 160);
    return refuse(name, `not one JSON object: ${message}`);
  }
}

function schemaOf(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('schema' in json)) return undefined;
  return typeof json.schema === 'string' ? json.schema : undefined;
}

function isTrace(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'states' in json && 'vars' in json;
}

function refuse(name: string, what: string, then = next): never {
  throw new UsageError('bad-result', `${name} is ${what}`, then);
}
