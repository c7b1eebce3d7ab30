/** What bisim check says of each thing that can be wrong with a model. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cache } from '../../conformance/behaviour/cache.ts';
import { checkModel, type CheckOptions } from '../../conformance/check/checkModel.ts';
import { checkRun, exitCodeOf } from '../../conformance/check/checkRun.ts';
import { openCheckpoints } from '../../conformance/check/checkpoints.ts';
import type { SpecFiles } from '../../conformance/project/specFiles.ts';
import { checkReportSchema } from '../../conformance/report/checkReport.ts';
import { hasJava, presentJar, specs } from './tlcPresent.ts';

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bisim-check-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function filesOf(module: string, cfgText: string): SpecFiles {
  const cfg = join(folder, `${(count += 1)}.cfg`);
  writeFileSync(cfg, cfgText);
  return { module, cfg, name: `${count}`, libraryPaths: [], root: folder };
}

function written(name: string, text: string, cfg: string): SpecFiles {
  const module = join(folder, `${name}.tla`);
  writeFileSync(module, `---- MODULE ${name} ----\n${text}\n====\n`);
  return filesOf(module, cfg);
}

const limits = { timeoutMs: 60_000, memoryMb: 256 };
const kinds = (cfg: string): SpecFiles =>
  filesOf(join(specs, 'Kinds.tla'), `CONSTANT Limit = 3\n${cfg}\n`);
const check = (files: SpecFiles, o: Partial<CheckOptions> = {}): ReturnType<typeof checkModel> =>
  checkModel({ files, ...limits, ...o });

const grid = `EXTENDS Naturals, TLC
CONSTANTS Sites, N
VARIABLE at
Init == at = [s \\in Sites |-> 0]
Go(s) == at[s] < N /\\ at' = [at EXCEPT ![s] = @ + 1]
Reset(s) == at[s] > N /\\ at' = [at EXCEPT ![s] = 0]
Next == \\E s \\in Sites : Go(s) \\/ Reset(s)
First == at.a < 2
Second == at.b < 2
Symmetry == Permutations(Sites)
Seen == at
Bound == \\A s \\in Sites : at[s] < 3`;
const gridCfg = 'CONSTANTS Sites = {"a", "b"}\nN = 3\nINIT Init\nNEXT Next\nCHECK_DEADLOCK FALSE\n';

describe.skipIf(!hasJava)('checkModel', () => {
  beforeAll(presentJar);

  it.each([
    ['SPECIFICATION Spec\nCHECK_DEADLOCK FALSE', 'ok', null, null, 0],
    ['SPECIFICATION Spec\nINVARIANT BelowInv', 'violation', 'invariant', 'BelowInv', 1],
    ['SPECIFICATION Spec\nPROPERTY ReachProp', 'violation', 'liveness', 'ReachProp', 1],
    ['INIT Init\nNEXT Evaluate', 'error', 'evaluation', null, 2],
    ['ZORK', 'error', 'config', null, 2],
  ] as const)('%j is %s, %s', async (cfg, verdict, kind, property, exitCode) => {
    const options = { files: kinds(cfg), ...limits };
    const result = await checkModel(options);
    expect(result).toMatchObject({ verdict, kind, property });
    const run = checkRun(result, options, { cwd: folder, mode: 'check', expressions: true });
    expect(run.exitCode).toBe(exitCode);
    expect(checkReportSchema.safeParse({ schema: 'bisim.check.1', ...run }).error).toBeUndefined();
  });

  it('names the place where a spec does not parse', async () => {
    const parse = await check(
      written('Broken', 'VARIABLE x\nInit == x = (', 'INIT Init\nNEXT Init\n'),
    );
    expect([parse.verdict, parse.kind]).toEqual(['error', 'parse']);
    expect(parse.tlc.location?.file).toBe('Broken.tla');
  });

  it('never passes a model without an initial state', async () => {
    const nothing = 'VARIABLE x\nInit == x \\in {}\nNext == UNCHANGED x';
    const result = await check(written('Nothing', nothing, 'INIT Init\nNEXT Next\n'));
    expect([result.verdict, result.kind]).toEqual(['violation', 'empty']);
    expect(exitCodeOf(result.verdict, result.kind)).toBe(1);
  });

  it('names the steps of a counterexample with their arguments, and the actions never taken', async () => {
    const options = { files: written('Grid', grid, `${gridCfg}INVARIANT First\n`), ...limits };
    const result = await checkModel(options);
    expect(result.trace.map(({ action, args }) => [action, args])).toEqual([
      ['Init', undefined],
      ['Go', ['"a"']],
      ['Go', ['"a"']],
    ]);
    const run = checkRun(result, options, { cwd: folder, mode: 'check', expressions: false });
    expect([run.neverTaken, run.expressions]).toEqual([['Reset'], []]);
    expect(result.tlc.expressions.length).toBeGreaterThan(3);
  });

  it('goes on after a violation to the other invariants, each with its own behaviour', async () => {
    const files = written('Grid', grid, `${gridCfg}INVARIANTS First Second\n`);
    const { tlc, property, distinct, trace } = await check(files, { continueAfter: true });
    expect([property, distinct, trace.length]).toEqual(['First', 16, 3]);
    expect(tlc.further.map((each) => [each.property, each.trace.length])).toEqual([['Second', 3]]);
    expect(tlc.violations).toBeGreaterThan(3);
  });

  it('searches quotients, views and constrained models, with several workers', async () => {
    const more = `${gridCfg.replaceAll('"', '')}SYMMETRY Symmetry\nVIEW Seen\nCONSTRAINT Bound\n`;
    const result = await check(written('Grid', grid, more), { workers: 2 });
    expect([result.verdict, result.distinct]).toEqual(['ok', 6]);
    expect(result.tlc.command).toContain('-XX:+UseParallelGC');
  });

  it('searches depth first, and at random, and says that this is not everything', async () => {
    const files = written('Grid', grid, `${gridCfg}INVARIANT First\n`);
    const deep = await check(files, { mode: { dfid: 5 } });
    expect([deep.verdict, deep.property]).toEqual(['violation', 'First']);
    expect(deep.trace.at(-1)?.action).toBe('Go');
    const random = { simulate: { num: 5, depth: 3, seed: 1 } };
    const walk = await check(written('Grid', grid, gridCfg), { mode: random });
    expect([walk.verdict, walk.notes.join()]).toEqual([
      'ok',
      expect.stringContaining('not every state'),
    ]);
  });

  it('lets options overrule the cfg: deadlock and liveness', async () => {
    const stop = kinds('SPECIFICATION StopSpec\nPROPERTY ReachProp');
    const none = await check(stop, { deadlock: false, liveness: 'off' });
    expect(none.verdict).toBe('ok');
    expect(none.notes.join()).toContain('ReachProp');
    const asked = kinds('SPECIFICATION StopSpec\nCHECK_DEADLOCK FALSE');
    expect((await check(asked, { deadlock: true })).kind).toBe('deadlock');
  });

  it('keeps finished verdicts with their counterexamples, and only while nothing has changed', async () => {
    const cache = new Cache({ folder: join(folder, 'cache') });
    const files = kinds('SPECIFICATION Spec\nINVARIANT BelowInv');
    const first = await check(files, { cache });
    const second = await check(files, { cache });
    expect([first.cached, second.cached]).toEqual([false, true]);
    expect({ ...second, cached: false }).toEqual(first);
    writeFileSync(files.cfg, 'CONSTANT Limit = 2\nSPECIFICATION Spec\nINVARIANT BelowInv\n');
    expect((await check(files, { cache })).cached).toBe(false);
    expect((await check(files, { cache, deadlock: false })).cached).toBe(false);
  });

  it('never keeps what a limit cut short', async () => {
    const cache = new Cache({ folder: join(folder, 'limits') });
    const files = filesOf(join(specs, 'Endless.tla'), 'INIT Init\nNEXT Next\n');
    for (const _time of [1, 2]) {
      const result = await check(files, { cache, timeoutMs: 1_500 });
      expect([result.verdict, result.kind, result.cached]).toEqual(['unknown', 'timeout', false]);
      expect(exitCodeOf(result.verdict, result.kind)).toBe(4);
    }
  });

  it('stops at 32 bits instead of rounding', async () => {
    const text = "EXTENDS Naturals\nVARIABLE x\nInit == x = 2147483647\nNext == x' = x + 1";
    const result = await check(written('Wide', text, 'INIT Init\nNEXT Next\n'));
    expect([result.verdict, result.kind]).toEqual(['error', 'evaluation']);
    expect(result.tlc.message).toMatch(/Overflow/);
  });

  it.each([
    ['CONSTANT Limit = 5000000000', 'large-integer'],
    ['CONSTANT Limit = {1, -2147483649}', 'large-integer'],
    ['CONSTANT Limit = 3\nCONSTANT Zork = 4', 'other-cfg'],
    ['CONSTANT Limit = 3\nALIAS View', 'needs-1.8'],
    ['CONSTANT Limit = 3\nPOSTCONDITION Done', 'needs-1.8'],
  ])('refuses %j before TLC starts', async (cfg, code) => {
    const files = filesOf(join(specs, 'Kinds.tla'), `${cfg}\nSPECIFICATION Spec\n`);
    await expect(check(files)).rejects.toMatchObject({ code, next: expect.any(String) });
  });

  it('runs no class file beside a spec unless told to', async () => {
    const files = kinds('SPECIFICATION Spec\nCHECK_DEADLOCK FALSE');
    expect((await check(files)).tlc.command.join(' ')).not.toMatch(/-cp \S*specs/);
    const allowed = await check(files, { allowOverrides: true });
    expect([allowed.verdict, allowed.tlc.command.join(' ')]).toEqual([
      'ok',
      expect.stringMatching(/-cp \S*\/specs:/),
    ]);
  });
});

describe('openCheckpoints', () => {
  const key = 'a'.repeat(64);

  it('needs a checkpoint to go on from, unless it may begin one', async () => {
    const at = join(folder, 'begun');
    await expect(openCheckpoints({ folder: at, minutes: undefined, key })).rejects.toMatchObject({
      code: 'no-checkpoint',
    });
    const begun = await openCheckpoints({ folder: at, minutes: 5, key });
    expect(begun.flags).toEqual({ folder: at, minutes: 5 });
    await expect(openCheckpoints({ folder: at, minutes: 5, key })).rejects.toMatchObject({
      code: 'busy',
    });
    await begun.release();
  });

  it('goes on from the newest checkpoint of the same search alone, and removes it at the end', async () => {
    const at = join(folder, 'made');
    const begun = await openCheckpoints({ folder: at, minutes: 5, key });
    for (const [run, file] of [
      ['26-01-02-03-04-05', 'queue.chkpt'],
      ['26-01-02-03-04-06', 'states.st'],
    ] as const) {
      mkdirSync(join(at, run));
      writeFileSync(join(at, run, file), '');
    }
    writeFileSync(join(at, 'notes.txt'), 'the user’s own');
    await begun.release();
    const other = { folder: at, minutes: undefined, key: 'b'.repeat(64) };
    await expect(openCheckpoints(other)).rejects.toMatchObject({ code: 'other-checkpoint' });
    const again = await openCheckpoints({ ...other, key });
    expect(again.flags.recover).toBe(join(at, '26-01-02-03-04-05'));
    await again.ended('ok');
    await again.release();
    expect(readdirSync(at)).toEqual(['notes.txt']);
  });
});
