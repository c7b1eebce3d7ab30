/**
 * Ours and Porcupine on the same history files, in alternation: CPU time of the check alone
 * (median of warm repetitions), peak memory of the process, the ratio. Porcupine's own recorded
 * histories and generated sets.
 * Usage: npm run bench -- history [--sets etcd,kv,big,grid] [--seed N] [--timeout seconds]
 *        [--budget ms] [--ablation] [--table FILE] [--only TEXT]
 * Porcupine gets the time limit for each file; where it ends undecided the row says so, and its
 * time is a lower bound. --table writes one JSON line a file.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allOn } from '../conformance/history/switches.ts';
import { generate, setName } from './history/generate.ts';
import { bigSets, gridSets } from './history/sets.ts';
import { etcdHistories, kvHistories } from './history/recorded.ts';

interface Measure {
  readonly file: string;
  readonly verdict: string;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly operations: number;
}

const { values } = parseArgs({
  options: {
    sets: { type: 'string', default: 'etcd,kv,big,grid' },
    seed: { type: 'string', default: '7' },
    timeout: { type: 'string', default: '10' },
    budget: { type: 'string', default: '300' },
    ablation: { type: 'boolean', default: false },
    table: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bisim-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const expected = new Map<string, string>();
const seed = Number(values.seed);
let differences = 0;

const porcupine = buildPorcupine();
console.log(`${cpus()[0]?.model}, node ${process.version}, seed ${seed}`);
for (const set of values.sets.split(',')) {
  if (set === 'etcd' || set === 'kv') recorded(set);
  else for (const files of generated(set)) compare(set, files, 'null');
}
console.log(`${differences} differences of verdict`);
process.exitCode = differences === 0 ? 0 : 1;

/** The program of bench/porcupine, or undefined, with a notice, where Go is missing. */
function buildPorcupine(): { program: string; module: string } | undefined {
  const program = join(folder, 'porcupine');
  const cwd = join(here, 'porcupine');
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd, encoding: 'utf8' });
  if (built.status !== 0) {
    console.log(`Porcupine is left out: ${built.error?.message ?? built.stderr}`);
    return undefined;
  }
  const list = ['list', '-m', '-f', '{{.Dir}}', 'github.com/anishathalye/porcupine'];
  return { program, module: execFileSync('go', list, { cwd, encoding: 'utf8' }).trim() };
}

function recorded(set: 'etcd' | 'kv'): void {
  if (porcupine === undefined) {
    console.log(`${set}: skipped, the histories come with Porcupine's Go module`);
    return;
  }
  const histories =
    set === 'etcd' ? etcdHistories(porcupine.module) : kvHistories(porcupine.module);
  const files = histories.map(({ name, lines, expected: verdict }) => {
    if (verdict !== undefined) expected.set(name, verdict);
    return write(name, lines);
  });
  compare(set, files, set === 'etcd' ? 'null' : '""');
}

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** Batches of files that one process checks: of the grid, all that differ in faults alone. */
function* generated(set: string): Iterable<string[]> {
  const batches = set === 'big' ? bigSets(seed) : gridSets(seed);
  for (const batch of batches) {
    const wanted = batch.filter((each) => setName(each).includes(values.only));
    if (wanted.length === 0) continue;
    const files = wanted.map((each) => write(setName(each), generate(each)));
    yield files;
    for (const file of files) rmSync(file);
  }
}

function compare(set: string, files: string[], init: string): void {
  const [ours, theirs] = [ourRun(files, init, '{}'), porcupineRun(files, init)];
  files.forEach((_, at) => judge(ours[at] as Measure, theirs?.[at]));
  const first = basename(files[0] as string, '.jsonl');
  const batch = set === 'grid' ? first.replace(/-i\d+-\w+$/, '') : set;
  const name = files.length === 1 ? first : batch;
  console.log(`${name.padEnd(34)} ${row(ours, theirs)}`);
  if (!values.ablation) return;
  for (const off of Object.keys(allOn)) {
    const without = ourRun(files, init, JSON.stringify({ [off]: false }));
    console.log(`  without ${off.padEnd(24)} ${row(without, undefined)}`);
  }
}

function ourRun(files: string[], init: string, switches: string): Measure[] {
  const timeout = String(1000 * Number(values.timeout));
  const args = ['--init', init, '--timeout', timeout, '--budget', values.budget];
  const jiti = fileURLToPath(import.meta.resolve('jiti/register'));
  const script = join(here, 'history', 'ours.ts');
  const flags = ['--import', jiti, script, '--switches', switches];
  return measures(process.execPath, [...flags, ...args, ...files]);
}

function porcupineRun(files: string[], init: string): Measure[] | undefined {
  if (porcupine === undefined) return undefined;
  const limits = ['-timeout', `${values.timeout}s`, '-budget', `${values.budget}ms`];
  return measures(porcupine.program, ['-init', init, ...limits, ...files]);
}

function measures(command: string, args: string[]): Measure[] {
  const out = execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return out
    .split('\n')
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text) as Measure);
}

/** One line a file, for tables made of many. */
function keep(ours: Measure, theirs: Measure | undefined): void {
  if (values.table === undefined) return;
  const name = basename(ours.file, '.jsonl');
  appendFileSync(values.table, `${JSON.stringify({ name, ours, theirs })}\n`);
}

/** Where both decide they must agree, and with what Porcupine's tests expect. */
function judge(ours: Measure, theirs: Measure | undefined): void {
  keep(ours, theirs);
  const name = basename(ours.file, '.jsonl');
  const told = [expected.get(name), theirs?.verdict].filter((v) => v !== undefined);
  for (const verdict of told) {
    if ([verdict, ours.verdict].includes('unknown') || verdict === ours.verdict) continue;
    differences += 1;
    console.log(`DIFFERENCE on ${name}: ours ${ours.verdict}, expected ${verdict}`);
  }
}

function row(ours: readonly Measure[], theirs: readonly Measure[] | undefined): string {
  const sum = (all: readonly Measure[]): number => all.reduce((total, m) => total + m.cpuMs, 0);
  const peak = (all: readonly Measure[]): number => Math.max(...all.map((m) => m.peakMb));
  const verdicts = (all: readonly Measure[]): string => {
    const kinds = [...new Set(all.map((m) => m.verdict))].sort();
    return kinds.map((kind) => countOf(all, kind)).join(' ');
  };
  const text = `${verdicts(ours)} ${sum(ours).toFixed(2)} ms ${peak(ours).toFixed(0)} MB`;
  if (theirs === undefined) return text;
  // Where Porcupine is undecided its time says only how long it tried.
  const both = ours.flatMap((mine, at) => {
    const other = theirs[at];
    return other === undefined || other.verdict === 'unknown' ? [] : [[mine, other] as const];
  });
  const ratio = sum(both.map(([, other]) => other)) / sum(both.map(([mine]) => mine));
  const other = `${verdicts(theirs)} ${sum(theirs).toFixed(2)} ms ${peak(theirs).toFixed(0)} MB`;
  return `${text} | Porcupine ${other} | ${both.length === 0 ? 'undecided' : `${ratio.toFixed(2)}x`}`;
}

function countOf(all: readonly Measure[], kind: string): string {
  return all.length === 1 ? kind : `${all.filter((m) => m.verdict === kind).length} ${kind}`;
}
