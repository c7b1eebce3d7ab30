/**
 * The verb `types`: writes the generated file beside the spec, or says whether it still is what the
 * spec makes. What must hold: no file of the user's own is overwritten, and no file is left half
 * written.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { specFiles, type SpecFiles } from '../project/specFiles.ts';
import { exitCodes } from '../report/exitCodes.ts';
import type { Outcome } from '../report/outcome.ts';
import type { TypesReport } from '../report/typesReport.ts';
import { UsageError } from '../sources/usageError.ts';
import { readHeader, staleness } from './header.ts';
import { laidOut } from './layout.ts';
import { typeDoc } from './typeText.ts';
import { type SpecTypes, typesOf } from './typesOf.ts';

export interface WriteTypesOptions {
  readonly spec: string;
  readonly cfg?: string;
  readonly out?: string;
  readonly from?: string;
  readonly check: boolean;
  readonly jar?: string;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

export async function writeTypes(o: WriteTypesOptions): Promise<Outcome> {
  const files = await specFiles({ spec: o.spec, ...(o.cfg && { cfg: o.cfg }), from: o.cwd });
  const out =
    o.out === undefined
      ? join(dirname(files.module), `${basename(files.module, '.tla')}.types.ts`)
      : resolve(o.cwd, o.out);
  return o.check ? checked(o, out, files) : written(o, out, files);
}

/** Needs no Java: hashes tell. */
function checked(o: WriteTypesOptions, out: string, files: SpecFiles): Outcome {
  const file = relative(o.cwd, out);
  const reason = existsSync(out) ? staleness(out, readFileSync(out, 'utf8')) : 'it does not exist';
  const report: TypesReport = {
    schema: 'bisim.types.1',
    verdict: reason === undefined ? 'ok' : 'violation',
    file,
    state: reason === undefined ? 'current' : 'stale',
    ...(reason !== undefined && { reason }),
  };
  const next = `next: bisim types ${relative(o.cwd, files.module)}\n`;
  const text =
    reason === undefined ? `${file} is current\n` : `${file} is stale: ${reason}\n${next}`;
  const exitCode = reason === undefined ? exitCodes.ok : exitCodes.violation;
  const verdict = reason === undefined ? 'passed' : 'failed';
  const message = reason ?? 'current';
  return {
    exitCode,
    report,
    text,
    cases: [{ group: 'types', name: file, verdict, message, file }],
  };
}

async function written(o: WriteTypesOptions, out: string, files: SpecFiles): Promise<Outcome> {
  const old = existsSync(out) ? readFileSync(out, 'utf8') : undefined;
  if (old !== undefined && readHeader(old) === undefined) {
    const next = 'Name another file by --out, or remove it first.';
    throw new UsageError('not-ours', `${out} was not made by bisim types`, next);
  }
  const { from, jar, signal } = o;
  const options = {
    out,
    signal,
    ...(from !== undefined && { from }),
    ...(jar !== undefined && { jar }),
  };
  const { text, types } = await typesOf(files, options);
  if (old !== text) replace(out, text);
  const file = relative(o.cwd, out);
  const report: TypesReport = {
    schema: 'bisim.types.1',
    verdict: 'ok',
    file,
    state: old === text ? 'current' : 'written',
    types: plain(types),
  };
  const lines = [
    `${file}: ${types.constants.length} constants, ${types.variables.length} variables, ${types.actions.length} actions`,
    ...warnings(types),
  ];
  const cases = [{ group: 'types', name: file, verdict: 'passed', message: lines[0]! } as const];
  return { exitCode: exitCodes.ok, report, text: `${lines.join('\n')}\n`, cases };
}

function warnings({ variables, unknown }: SpecTypes): string[] {
  const undeclared = variables.filter(
    ({ from, type }) => isAssigned(from) && type.kind !== 'unknown',
  );
  const found = unknown.map(
    (each) => `warning: any value where the spec does not say more: ${each}`,
  );
  if (undeclared.length === 0) return found;
  const names = undeclared.map(({ name }) => name).join(', ');
  return [`warning: no TypeOK says what ${names} may be; read off Init and the actions`, ...found];
}

const isAssigned = (from: string): boolean => from.startsWith('Init');

function plain(types: SpecTypes): TypesReport['types'] {
  const text = (type: SpecTypes['variables'][number]['type']): string =>
    laidOut(typeDoc(type), 0, -Infinity);
  return {
    module: types.module,
    constants: types.constants.map(({ name, type }) => ({ name, type: text(type) })),
    variables: types.variables.map(({ name, type, from }) => ({ name, type: text(type), from })),
    actions: types.actions.map(({ name, args }) => ({
      name,
      args: Object.entries(args).map(([arg, type]) => ({ name: arg, type: text(type) })),
    })),
    unknown: [...types.unknown],
  };
}

/** Whole or not at all. */
function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(fresh, text);
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
}
