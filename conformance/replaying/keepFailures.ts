/**
 * Failing traces as files that replay alone: `<binding>-<hash>.itf.json`, in the folder the user named.
 * What must hold: a file is whole or absent, and one case has one file, whoever writes it.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BoundModel } from '../project/bindingFiles.ts';
import type { ReplayReport } from '../report/replayReport.ts';
import { hashParts } from '../sources/contentHash.ts';
import { quoted, relativeTo } from './addUp.ts';
import type { ShareAnswer } from './share.ts';

interface KeepOptions {
  readonly bound: BoundModel;
  readonly save?: string;
  readonly from?: string;
}

/** The report, whose failures name the files they were kept in. */
export function keepFailures(
  report: ReplayReport,
  answers: readonly ShareAnswer[],
  { bound, save, from = process.cwd() }: KeepOptions,
): ReplayReport {
  const shared = answers.flatMap(({ failures }) => failures);
  if (save === undefined || !shared.some(({ trace }) => trace !== undefined)) return report;
  const folder = resolve(from, save);
  mkdirSync(folder, { recursive: true });
  const failures = report.failures.map((failure, i) => {
    const trace = shared[i]?.trace;
    if (trace === undefined) return failure;
    const hash = hashParts([trace]).slice(0, 12);
    const name = bound.binding.name.replaceAll(/[^\w.-]+/g, '-').replace(/^[-.]+/, '');
    const path = join(folder, `${name}-${hash}.itf.json`);
    keep(path, trace);
    const words = ['bisim', 'replay', relativeTo(bound.path)];
    words.push('--config', relativeTo(bound.files.cfg), '--trace', relativeTo(path));
    return { ...failure, saved: path, repeat: words.map(quoted).join(' ') };
  });
  return { ...report, failures };
}

function keep(path: string, text: string): void {
  const aside = `${path}.${process.pid}.${randomUUID()}.part`;
  try {
    writeFileSync(aside, text, { flag: 'wx' });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
