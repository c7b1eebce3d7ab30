/**
 * Ours and Porcupine on the same history files, in alternation: CPU time of the check alone
 * (median of warm repetitions), peak memory, the ratio. Porcupine's own recorded histories, the
 * sets with a figure to reach, and a grid of generated sets: a part of it, which takes a few
 * minutes, or all of it with --full, which takes an hour and more.
 * Usage: npm run bench -- history [--full] [--sets etcd,kv,big,some,grid] [--seed N]
 *        [--timeout seconds] [--budget ms] [--only TEXT] [--table FILE] [--summary FILE]
 *        [--ablation]
 * Each check gets the time limit; where it ends undecided its time is a lower bound. --table adds
 * one JSON line a file and goes on where an earlier run ended; --summary only prints such a
 * table. --ablation turns each idea of the engine off in turn, without Porcupine.
 * Exit code 1 where two verdicts differ.
 */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ablationTable } from './history/ablation.ts';
import { buildPorcupine, ourRun, porcupineRun } from './history/checkers.ts';
import { generate, setName } from './history/generate.ts';
import { etcdHistories, kvHistories } from './history/recorded.ts';
import { ablationSets, bigSets, gridSets, someSets } from './history/sets.ts';
import { summaryTable } from './history/summary.ts';
import type { Pair } from './history/summary.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    sets: { type: 'string' },
    seed: { type: 'string', default: '7' },
    timeout: { type: 'string' },
    budget: { type: 'string', default: '300' },
    only: { type: 'string', default: '' },
    table: { type: 'string' },
    summary: { type: 'string' },
    ablation: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'bisim-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const seed = Number(values.seed);
const limits = { timeout: values.timeout ?? (values.full ? '10' : '2'), budget: values.budget };
const expected = new Map<string, string>();
const pairs: Pair[] = values.table === undefined ? [] : readTable(values.table);
let differences = 0;

if (values.summary === undefined) {
  const built = buildPorcupine(folder);
  if ('missing' in built) console.log(`Porcupine is left out: ${built.missing}`);
  const porcupine = 'missing' in built ? undefined : built;
  console.log(`${cpus()[0]?.model}, node ${process.version}, seed ${seed}`);
  if (values.ablation) ablate(porcupine);
  else compareAll(porcupine);
} else report(readTable(values.summary));

function ablate(porcupine: Porcupined): void {
  const etcd = porcupine === undefined ? [] : etcdHistories(porcupine.module);
  const columns = [
    { name: 'etcd', files: etcd.map(({ name, lines }) => write(name, lines)) },
    ...ablationSets(seed).map((set) => {
      return { name: setName(set), files: [write(setName(set), generate(set))] };
    }),
  ].filter(({ files }) => files.length > 0);
  for (const line of ablationTable(columns, limits)) console.log(line);
}

type Porcupined = Parameters<typeof porcupineRun>[0] | undefined;

function compareAll(porcupine: Porcupined): void {
  const sets = values.sets ?? `etcd,kv,big,${values.full ? 'grid' : 'some'}`;
  for (const set of sets.split(',')) {
    if (set === 'etcd' || set === 'kv') recorded(set, porcupine);
    else generated(set, porcupine);
  }
  report(pairs);
  console.log(`${differences} differences of verdict`);
  if (differences > 0) process.exitCode = 1;
}

function recorded(set: 'etcd' | 'kv', porcupine: Porcupined): void {
  if (porcupine === undefined) {
    console.log(`${set}: skipped, the histories come with Porcupine's Go module`);
    return;
  }
  const all = set === 'etcd' ? etcdHistories(porcupine.module) : kvHistories(porcupine.module);
  const files = all.map(({ name, lines, expected: verdict }) => {
    if (verdict !== undefined) expected.set(name, verdict);
    return write(name, lines);
  });
  compare(set, files, set === 'etcd' ? 'null' : '""', porcupine);
}

/** Batches of files that one process checks: of the grid, all that differ in faults alone. */
function generated(name: string, porcupine: Porcupined): void {
  const batches = { big: bigSets, some: someSets, grid: gridSets }[name];
  if (batches === undefined) throw new RangeError(`no set ${name}: etcd, kv, big, some, grid`);
  const there = new Set(pairs.map((pair) => pair.name));
  for (const batch of batches(seed)) {
    const wanted = batch.filter((set) => {
      return setName(set).includes(values.only) && !there.has(setName(set));
    });
    if (wanted.length === 0) continue;
    const files = wanted.map((each) => write(setName(each), generate(each)));
    const [first = ''] = wanted.map(setName);
    const title = files.length === 1 ? first : first.replace(/-i\d+-\w+$/, '');
    compare(title, files, 'null', porcupine);
    for (const file of files) rmSync(file);
  }
}

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function compare(title: string, files: string[], init: string, porcupine: Porcupined): void {
  const ours = ourRun(files, init, limits);
  const theirs = porcupine === undefined ? [] : porcupineRun(porcupine, files, init, limits);
  const recordedSet = init === '""' || title === 'etcd';
  ours.forEach((mine, at) => {
    const other = theirs[at];
    const name = basename(mine.file, '.jsonl');
    const pair = { name, ours: mine, ...(other === undefined ? {} : { theirs: other }) };
    judge(pair);
    pairs.push(recordedSet ? { ...pair, name: title } : pair);
    if (values.table !== undefined && !recordedSet) keep(pair, values.table);
  });
  const spent = (all: readonly { cpuMs: number }[]): string =>
    all.reduce((sum, { cpuMs }) => sum + cpuMs, 0).toFixed(1);
  console.log(`${title.padEnd(30)} ours ${spent(ours)} ms, Porcupine ${spent(theirs)} ms`);
}

/** Where both decide they must agree, and with what Porcupine's tests expect. */
function judge({ name, ours, theirs }: Pair): void {
  const told = [expected.get(name), theirs?.verdict].filter((v) => v !== undefined);
  for (const verdict of told) {
    if ([verdict, ours.verdict].includes('unknown') || verdict === ours.verdict) continue;
    differences += 1;
    console.log(`DIFFERENCE on ${name}: ours ${ours.verdict}, expected ${verdict}`);
  }
}

function keep(pair: Pair, table: string): void {
  appendFileSync(table, `${JSON.stringify(pair)}\n`);
}

function readTable(path: string): Pair[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Pair);
}

function report(all: readonly Pair[]): void {
  console.log(`\n${summaryTable(all)}`);
  const slow = all.filter(({ ours, theirs }) => {
    return theirs !== undefined && theirs.verdict !== 'unknown' && theirs.cpuMs >= 5
      ? theirs.cpuMs < 0.8 * ours.cpuMs
      : false;
  });
  for (const { name, ours, theirs } of slow) {
    console.log(`below 0.8 x: ${name}, ours ${ours.cpuMs} ms, Porcupine ${theirs?.cpuMs} ms`);
  }
  const open = all.filter(({ ours }) => ours.verdict === 'unknown').map(({ name }) => name);
  console.log(`undecided by us: ${open.length === 0 ? 'none' : open.join(' ')}`);
}
