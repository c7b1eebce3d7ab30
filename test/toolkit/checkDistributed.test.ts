/** A search by TLC's server and its workers, one of which is killed in the middle. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkModel, type CheckResult } from '../../conformance/check/checkModel.ts';
import { distributedSearch } from '../../conformance/check/distributedSearch.ts';
import { retrace } from '../../conformance/check/retrace.ts';
import { parseCfg } from '../../conformance/spec/cfg.ts';
import { TlcReader } from '../../conformance/tlc/reading.ts';
import type { TlcResult } from '../../conformance/tlc/result.ts';
import { hasJava, presentJar } from './tlcPresent.ts';

let folder: string;
let tmpBefore: string | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bisim-distributed-'));
  writeFileSync(
    join(folder, 'Cube.tla'),
    `---- MODULE Cube ----
EXTENDS Naturals
CONSTANT N
ASSUME N < 100
VARIABLES a, b, c
vars == <<a, b, c>>
Init == a = 0 /\\ b = 0 /\\ c = 0
A == a < N /\\ a' = a + 1 /\\ UNCHANGED <<b, c>>
B == b < N /\\ b' = b + 1 /\\ UNCHANGED <<a, c>>
C == c < N /\\ c' = c + 1 /\\ UNCHANGED <<a, b>>
Next == A \\/ B \\/ C
Spec == Init /\\ [][Next]_vars
NearInv == a < 2
EndInv == a + b + c < 3 * N
Live == []<>(a = 0)
====
`,
  );
  if (hasJava) await presentJar();
  tmpBefore = process.env['TMPDIR'];
  process.env['TMPDIR'] = join(folder);
});
afterAll(() => {
  if (tmpBefore === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = tmpBefore;
  rmSync(folder, { recursive: true, force: true });
});

function search(cfgText: string, onNews: (text: string) => void = () => {}): Promise<CheckResult> {
  const cfg = join(folder, 'Cube.cfg');
  writeFileSync(cfg, `SPECIFICATION Spec\n${cfgText}\n`);
  return checkModel({
    files: { module: join(folder, 'Cube.tla'), cfg, name: 'Cube', libraryPaths: [], root: folder },
    timeoutMs: 60_000,
    memoryMb: 900,
    coverage: false,
    run: distributedSearch({ workers: 2, onNews }),
  });
}

/** A run that said nothing. */
const notFound: TlcResult = {
  ...new TlcReader().finish(0),
  ...{ jar: '', seconds: 0, exitCode: 0, command: [], traceFiles: [] },
};

/** Process ids of this test's workers. */
function workers(): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => line.includes('distributed.TLCWorker') && line.includes(folder))
    .map((line) => Number.parseInt(line, 10));
}

describe.skipIf(!hasJava)('a distributed search', () => {
  it('finds every state though one of two workers is killed while it works', async () => {
    let killed = 0;
    const news: string[] = [];
    const result = await search('CONSTANT N = 24\nCHECK_DEADLOCK FALSE', (text) => {
      news.push(text);
      const [first] = workers();
      if (killed > 0 || first === undefined || !text.startsWith('Registration')) return;
      killed = first;
      process.kill(first, 'SIGKILL');
    });
    expect(killed).toBeGreaterThan(0);
    expect(news.join('\n')).toMatch(/died.*another takes its place/);
    expect([result.verdict, result.distinct]).toEqual(['ok', 25 ** 3]);
    expect([workers(), readdirSync(folder).sort()]).toEqual([[], ['Cube.cfg', 'Cube.tla']]);
  });

  it('names what is violated and shows the behaviour from its first state', async () => {
    const news: string[] = [];
    const result = await search('CONSTANT N = 5\nINVARIANT NearInv', (text) => news.push(text));
    expect(news.at(-1)).toMatch(/^found a violation; searching for the way to it, 60 s at most/);
    expect([result.verdict, result.kind, result.property]).toEqual([
      'violation',
      'invariant',
      'NearInv',
    ]);
    expect(result.trace.map(({ action, state }) => [action, state['a']])).toEqual([
      ['Init', '0'],
      ['A', '1'],
      ['A', '2'],
    ]);
  });

  it('names it also where the way to it takes too long to find', async () => {
    const cfgText = 'SPECIFICATION Spec\nCONSTANT N = 99\nINVARIANT EndInv\n';
    const state = { b: '99', c: '99' };
    const found: TlcResult = {
      ...notFound,
      verdict: 'violation',
      message: 'said by the server',
      trace: [{ state: { a: '98', ...state } }, { action: 'A', state: { a: '99', ...state } }],
    };
    const result = await retrace(found, parseCfg(cfgText), {
      module: join(folder, 'Cube.tla'),
      cfg: cfgText,
      timeoutMs: 60_000,
      memoryMb: 256,
      wholeMsMax: 1_000,
    });
    expect([result.kind, result.property, result.message]).toEqual([
      'invariant',
      'EndInv',
      expect.stringMatching(/EndInv is violated[^]*the end of a behaviour/),
    ]);
    expect(result.trace?.map(({ action, state: { a } }) => [action, a])).toEqual([
      ['(the steps before are not known)', '98'],
      ['A', '99'],
    ]);
  });

  it('checks what the server passes over: ASSUME here, PROPERTIES not at all', async () => {
    expect((await search('CONSTANT N = 100')).kind).toBe('assume');
    await expect(search('CONSTANT N = 2\nPROPERTY Live')).rejects.toMatchObject({
      code: 'distributed-properties',
    });
  });
});
