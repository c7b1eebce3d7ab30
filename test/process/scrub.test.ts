/**
 * What `triad scrub` says of a region of real processes: while clients write all is equal, and each
 * kind of damage is found and named, in a live copy, in the code of all of them, in the archive.
 */
import { execa } from 'execa';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fetchPage } from '../../src/services/control.ts';
import { scrub } from '../../src/services/scrub.ts';
import type { ScrubReport } from '../../src/services/scrub.ts';
import { scrubExitCode, scrubText } from '../../src/services/scrubText.ts';
import { readRegion } from '../../src/services/nodeConfig.ts';
import { regionFile } from '../../src/services/devLayout.ts';
import { s3Server } from '../storage/s3Server.ts';
import { planted } from './planted.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';
import { startWorkload } from './workload.ts';

const limitMs = 180_000;
const withinMs = 30_000;

async function scrubbed(region: ProcessRegion): Promise<ScrubReport> {
  const config = await readRegion(regionFile(region.folder));
  return scrub({ region: config, signal: new AbortController().signal });
}

const verdicts = ({ groups }: ScrubReport): unknown => groups.map(({ verdict }) => verdict);
async function put(region: ProcessRegion, from: number, to: number): Promise<void> {
  for (let at = from; at <= to; at += 1) {
    await region.client.put(`key-${at}`, `value ${at} `.repeat(20));
  }
}

/** Flips one bit of a file. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
}

/** Where in the files of a node's item store some bytes stand; writes go on until they do. */
async function written(
  region: ProcessRegion,
  node: string,
  text: string,
): Promise<{ readonly path: string; readonly at: number }> {
  const folder = join(region.folder, node, 'items');
  const endAt = performance.now() + withinMs;
  while (performance.now() < endAt) {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const at = readFileSync(path).indexOf(text);
      if (at >= 0) return { path, at };
    }
    await region.client.put('other', 'value');
  }
  throw new Error(`${node} has nowhere written ${text}`);
}

async function answers(region: ProcessRegion, node: string): Promise<void> {
  const { http } = region.dev.region.nodes.find(({ id }) => id === node)!;
  const endAt = performance.now() + withinMs;
  while (performance.now() < endAt) {
    const page = await fetchPage(http, '/health').catch(() => undefined);
    if (page !== undefined) return;
    await region.client.get('other');
  }
  throw new Error(`${node} does not answer`);
}

const archived = (region: ProcessRegion, group: number): string =>
  join(region.folder, 'archive', `group-${String(group).padStart(10, '0')}`);
const segmentsOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.segment'))
    .sort();

describe('a scrub', { timeout: limitMs }, () => {
  it('finds all equal while clients write, and what is damaged, where it is', async () => {
    const region = await processRegion({ groups: 2 });
    try {
      const workload = startWorkload({ client: region.client, name: 'scrub' });
      await workload.nextWrite();
      for (let round = 0; round < 3; round += 1) {
        const report = await scrubbed(region);
        expect(verdicts(report), scrubText(report)).toEqual(['equal', 'equal']);
        expect(report.groups.every(({ copies }) => copies.length === 3)).toBe(true);
      }
      expect((await workload.end()).verdict).toBe('ok');
      await damagedCopy(region);
      await damagedArchive(region);
    } finally {
      await region.close();
    }
  });

  /** A bit of what n2 has of one group flips at rest. */
  async function damagedCopy(region: ProcessRegion): Promise<void> {
    await region.dev.halt('control');
    await put(region, 1, 40);
    const { path, at } = await written(region, 'n2', 'value 7 value 7');
    // The store passes over what it finds damaged, as far as to its next block. What it commits
    // beyond that tells that it holds all before, or the log would bring it back.
    await put(region, 41, 400);
    await written(region, 'n2', 'value 400 ');
    await put(region, 401, 410);
    await written(region, 'n2', 'value 410 ');
    await region.dev.halt('n2');
    flip(path, at);
    region.dev.resume('n2');
    await answers(region, 'n2');
    // It may have led: a scrub waits for a leader, but not for long.
    for (const group of [1, 2]) await region.leaderOf(group);
    const report = await scrubbed(region);
    const shown = scrubText(report);
    // The item store passes over a whole block of its log, and so over other groups' items too.
    for (const { verdict, copies } of report.groups) {
      const wrong = copies.filter(({ state }) => state !== 'equal');
      expect(
        wrong.map(({ node }) => node),
        shown,
      ).toEqual(verdict === 'equal' ? [] : ['n2']);
    }
    const of = region.client.groupOf('key-7');
    expect(report.groups.find(({ group }) => group === of)?.verdict, shown).toBe('differs');
    expect([scrubExitCode(report), shown]).toEqual([
      1,
      expect.stringContaining('n2 n2-1: DIFFERS'),
    ]);
  }

  /** A bit of the archive flips, and a segment of it is lost. */
  async function damagedArchive(region: ProcessRegion): Promise<void> {
    const folder = archived(region, 1);
    const [first = ''] = segmentsOf(folder);
    flip(join(folder, first), 100);
    const flipped = (await scrubbed(region)).groups.find(({ group }) => group === 1)!;
    expect([flipped.verdict, flipped.archive]).toEqual([
      'differs',
      [{ kind: 'damaged', first: 1, last: expect.any(Number) as number }],
    ]);
    rmSync(join(folder, first));
    const report = await scrubbed(region);
    expect(report.groups[0]!.archive).toEqual([{ ...flipped.archive[0], kind: 'missing' }]);
    expect(scrubText(report)).toMatch(/the archive has lost the segment of slots 1 to \d+/);
    expect(scrubExitCode(report)).toBe(1);
  }

  /** It waits for a node that sleeps, and is told to end. */
  async function interrupted(
    region: ProcessRegion,
    run: () => Promise<{ exitCode?: number }> & { kill(signal: 'SIGINT'): boolean },
  ): Promise<void> {
    const made = () => readdirSync(tmpdir()).filter((name) => name.startsWith('triad-scrub-'));
    const before = made();
    const running = run();
    const endAt = performance.now() + withinMs;
    let own: string | undefined;
    while (own === undefined && performance.now() < endAt) {
      own = made().find((name) => !before.includes(name));
      await region.client.get('key-1');
    }
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
    expect(own).toBeDefined();
    expect(made()).not.toContain(own);
  }

  it('tells as a command, by an archive in S3, what is away and what all replicas do wrong', async () => {
    const s3 = await s3Server();
    const bug = planted({
      file: 'services/items.js',
      find: "if (command.kind !== 'write')",
      replace: "if (command.kind !== 'write' || command.key === 'key-31')",
    });
    const region = await processRegion({
      groups: 1,
      program: bug.program,
      archive: { kind: 's3', ...s3.archive },
      environment: s3.environment,
    });
    const main = join(import.meta.dirname, '../../dist/src/main.js');
    const run = (...args: string[]) =>
      execa(process.execPath, [main, 'scrub', '--data', region.folder, ...args], {
        reject: false,
        env: s3.environment,
      });
    try {
      await put(region, 1, 30);
      const equal = await run('--json');
      expect([equal.exitCode, equal.stdout]).toEqual([0, expect.stringContaining('"equal"')]);
      const [group] = (JSON.parse(equal.stdout) as ScrubReport).groups;
      expect(group).toMatchObject({ verdict: 'equal', rebuilt: { items: 30 } });
      // Nobody takes the place of a node that is away.
      await region.dev.halt('control');
      const leader = await region.leaderOf(1);
      const follower = ['n1', 'n2', 'n3'].find((node) => node !== leader)!;
      region.kill(follower, 'SIGSTOP');
      await interrupted(region, run);
      await region.dev.halt(follower);
      await put(region, 31, 32);
      const wrong = await run();
      expect(wrong.exitCode, wrong.stdout).toBe(1);
      expect(wrong.stdout.match(/DIFFERS/g), wrong.stdout).toHaveLength(2);
      expect(wrong.stdout).toContain('not read (its node does not answer)');
      expect(wrong.stdout).toContain('all live copies differ from the rebuilt one');
    } finally {
      await region.close();
      bug.remove();
      await s3.close();
    }
  });
});
