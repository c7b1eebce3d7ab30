/**
 * Counterexamples as files that replay alone: `<cfg>-<what is violated>`, as ITF for other tools and
 * `bisim replay --trace`, and as lines of JSON. What must hold: a file is whole or absent; what is
 * no whole behaviour, or has a value that no file can hold, is not written, and that is said.
 */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { writeItf } from '../behaviour/itf.ts';
import { writeNdjsonTrace } from '../behaviour/ndjsonTrace.ts';
import { counterexampleTrace } from '../spec/counterexampleTrace.ts';
import type { TlcResult } from '../tlc/result.ts';
import { outFolder } from './outFolder.ts';
import type { Checked } from './runChecks.ts';

export async function keepCounterexamples(
  all: readonly Checked[],
  { save, cwd }: { readonly save: string; readonly cwd: string },
): Promise<Checked[]> {
  const folder = resolve(cwd, save);
  await outFolder(folder);
  const kept: Checked[] = [];
  for (const each of all) {
    const { run, result } = each;
    const files = result.tlc.verdict === 'violation' ? await keepOf(each, folder) : undefined;
    const saved = files?.map((path) => relative(cwd, path)) ?? [];
    const none = 'no counterexample was saved: it has no whole behaviour that a file can hold';
    const notes = files?.length === 0 ? [...run.notes, none] : run.notes;
    kept.push({ result, run: { ...run, notes, saved } });
  }
  return kept;
}

async function keepOf({ result, run }: Checked, folder: string): Promise<string[]> {
  const { tlc, parameterNames } = result;
  const found: Pick<TlcResult, 'kind' | 'property' | 'message' | 'trace' | 'lasso'>[] = [
    tlc,
    ...tlc.further,
  ];
  const written: string[] = [];
  for (const each of found) {
    const { property, kind = 'violation', message = kind } = each;
    const trace = isWhole(each.trace) ? counterexampleTrace(each) : undefined;
    if (trace === undefined) continue;
    const cfg = basename(run.cfg, '.cfg');
    const name = `${cfg}-${property ?? kind}`.replaceAll(/[^\w.-]+/g, '-').replace(/^[-.]+/, '');
    const description = `${property ?? kind}: ${message.split('\n')[0]}`;
    const facts = { source: run.spec, cfg: run.cfg, description };
    const { loop } = trace;
    const o = { parameterNames, facts, ...(loop === undefined ? {} : { loop }) };
    for (const [end, text] of [
      ['.itf.json', writeItf(trace, o)],
      ['.ndjson', writeNdjsonTrace(trace, o)],
    ] as const) {
      const path = join(folder, `${name}${end}`);
      await writeWhole(path, text);
      written.push(path);
    }
  }
  return written;
}

/** Of a distributed search the first states may be lost: its first step then says so. */
const isWhole = (trace: TlcResult['trace']): boolean => trace?.[0]?.action === undefined;

async function writeWhole(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(aside, text, { flag: 'wx' });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
