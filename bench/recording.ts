/**
 * What the trace point costs where nothing is recorded, and what recording costs. Builds take turns:
 * without a trace point (its line is taken out of a copy of the build), the same once more, which
 * shows how far equal things differ here, with it and not recording, and recording to files. First
 * the loop of the drive alone, in nanoseconds an action; then CPU time of a put through three
 * replicas of one group in this process. A put takes so many actions as were recorded.
 *
 * Usage: npm run bench -- recording [--slices N] [--puts N] [--value BYTES]
 * Exit code 1 where the trace point costs more than 2 % of a put though nothing is recorded.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Replica } from '../src/services/replica.ts';
import { Group, load, turnsOf } from './recording/group.ts';
import type { Build } from './recording/group.ts';

const { values } = parseArgs({
  options: {
    slices: { type: 'string', default: '100' },
    puts: { type: 'string', default: '640' },
    value: { type: 'string', default: '100' },
  },
});
const [slices, puts, valueBytes] = [values.slices, values.puts, values.value].map(Number) as [
  number,
  number,
  number,
];
const costMax = 0.02;
const underWay = 64;
const warmUps = 20;
const recordedEvery = 10;
const loopActs = 20_000;
const loops = 10;
const dist = resolve(import.meta.dirname, '../dist');

/** A copy of the build; where its drive has a trace point, or has it no more. */
function copied(folder: string, withPoint: boolean): string {
  cpSync(join(dist, 'src'), folder, { recursive: true });
  const path = join(folder, 'world/drive.js');
  const text = readFileSync(path, 'utf8');
  const point = /^ *this\.#trace\?\.\(.*\n/gm;
  if (text.match(point)?.length !== 1) throw new Error(`${path} has not one trace point`);
  if (!withPoint) writeFileSync(path, text.replace(point, ''));
  return folder;
}

const value = 'v'.repeat(valueBytes);

function put(leader: Replica, number: number): Promise<void> {
  return new Promise((done, failed) => {
    leader.calls.put({ token: `t${number}`, key: `k${number % 1_000}`, value }, ({ status }) => {
      if (status === 'ok') done();
      else failed(new Error(`a put was ${status}`));
    });
  });
}

/** A tenth took less: a slice that little disturbed. */
function low(all: readonly number[]): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.floor(0.1 * (sorted.length - 1))] ?? NaN;
}

/** One build, slice after slice. */
class Subject {
  readonly name: string;
  readonly #build: Build;
  readonly #group = new Group();
  readonly #cpuUs: number[] = [];
  readonly #actNs: number[] = [];
  #leader: Replica | undefined;
  #next = 0;

  constructor(name: string, build: Build) {
    this.name = name;
    this.#build = build;
  }

  async open(record?: string): Promise<void> {
    await this.#group.open(this.#build, record);
    this.#leader = await this.#group.lead();
  }

  /** Actions that change a number, each with one effect. */
  loop(counts: boolean): void {
    let seen = 0;
    const { Drive } = this.#build.drive;
    const drive = new Drive({ n: 0 }, { reply: () => (seen += 1) });
    const action = ({ n }: { n: number }, { by }: { by: number }) => {
      return { state: { n: n + by }, outputs: [{ kind: 'reply' }] as const };
    };
    const args = { by: 1 };
    const began = process.hrtime.bigint();
    for (let i = 0; i < loopActs; i += 1) drive.act('Put', action, args);
    const ns = Number(process.hrtime.bigint() - began) / loopActs;
    if (seen !== loopActs || drive.state.n !== loopActs) throw new Error('an action was lost');
    if (counts) this.#actNs.push(ns);
  }

  async slice(counts: boolean): Promise<void> {
    const end = this.#next + puts;
    const before = process.cpuUsage();
    const writer = async (): Promise<void> => {
      while (this.#next < end) await put(this.#leader!, (this.#next += 1));
    };
    await Promise.all(Array.from({ length: underWay }, writer));
    await turnsOf(10);
    const { user, system } = process.cpuUsage(before);
    if (counts) this.#cpuUs.push((user + system) / puts);
  }

  get actNs(): number {
    return low(this.#actNs);
  }

  get putUs(): number {
    return low(this.#cpuUs);
  }

  get puts(): number {
    return this.#next;
  }

  close(): Promise<void> {
    return this.#group.close();
  }
}

/** Who begins changes, so that none is always after the same one. */
const inTurn = <T>(all: readonly T[], turn: number): readonly T[] =>
  all.map((_, i) => all[(i + turn) % all.length]!);

function linesIn(folder: string): number {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  return files.reduce((sum, file) => sum + file.filter((byte) => byte === 10).length - 1, 0);
}

execFileSync(process.execPath, [
  ...[resolve(dist, '../node_modules/.bin/tsc'), '-b', 'src', 'conformance'],
]);
const folder = mkdtempSync(join(dist, 'recording-'));
const records = mkdtempSync(join(tmpdir(), 'triad-recording-'));
try {
  const made = async (name: string, withPoint: boolean): Promise<Subject> => {
    const own = copied(mkdtempSync(join(folder, 'build-')), withPoint);
    return new Subject(name, await load(own, join(dist, 'conformance')));
  };
  const bare = await made('no trace point', false);
  const again = await made('no trace point, again', false);
  const off = await made('trace point, nothing recorded', true);
  const on = await made('recording', true);
  const quiet = [bare, again, off];
  for (let turn = 0; turn < warmUps + slices; turn += 1) {
    for (let loop = 0; loop < loops; loop += 1) {
      for (const subject of inTurn(quiet, turn + loop)) subject.loop(turn >= warmUps);
    }
  }
  for (const subject of quiet) await subject.open();
  await on.open(records);
  for (let turn = 0; turn < warmUps + slices; turn += 1) {
    // What is recorded takes room.
    const subjects = turn % recordedEvery === 0 ? [...quiet, on] : quiet;
    for (const subject of inTurn(subjects, turn)) await subject.slice(turn >= warmUps);
  }
  for (const subject of [...quiet, on]) await subject.close();
  const actions = linesIn(records) / on.puts;
  const share = (actions * (off.actNs - bare.actNs)) / (1_000 * bare.putUs);
  const load1 = loadavg()[0]!.toFixed(1);
  console.log(`${slices} slices of ${puts} puts of ${valueBytes} bytes; load ${load1}`);
  for (const { name, actNs, putUs } of [...quiet, on]) {
    const loop = Number.isNaN(actNs) ? '' : `${actNs.toFixed(2)} ns an action alone; `;
    const more = (100 * (putUs / bare.putUs - 1)).toFixed(1);
    console.log(`${name}: ${loop}${putUs.toFixed(1)} CPU µs a put, ${more} % more`);
  }
  console.log(
    `a put is ${actions.toFixed(1)} actions: the trace point takes ${(100 * share).toFixed(3)} % of it`,
  );
  if (!(share <= costMax)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(records, { recursive: true, force: true });
}
