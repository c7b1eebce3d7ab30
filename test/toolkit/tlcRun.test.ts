import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPipe } from '../../conformance/tlc/pipe.ts';
import type { TlcResult } from '../../conformance/tlc/result.ts';
import { runTlc, type TlcOptions } from '../../conformance/tlc/run.ts';
import { hasJava, presentJar, specs } from './tlcPresent.ts';

const limits = { timeoutMs: 60_000, memoryMb: 256, tiny: true };
const kinds = (cfg: string, o: Partial<TlcOptions> = {}): Promise<TlcResult> =>
  runTlc({
    ...limits,
    module: join(specs, 'Kinds.tla'),
    cfg: `CONSTANT Limit = 3\n${cfg}\n`,
    ...o,
  });
const endless = (next: string, o: Partial<TlcOptions> = {}): Promise<TlcResult> =>
  runTlc({ ...limits, module: join(specs, 'Endless.tla'), cfg: `INIT Init\nNEXT ${next}\n`, ...o });

let folder: string;
let tmpBefore: string | undefined;

/** Runs stage under TMPDIR: what is left there afterwards was left by them. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bisim-run-'));
  tmpBefore = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
});
afterEach(async () => {
  if (tmpBefore === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = tmpBefore;
  await rm(folder, { recursive: true, force: true });
});

/** Programs whose command line names this test's folder. */
async function processesHere(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  return stdout.split('\n').filter((line) => line.includes(folder) && line.includes('tlc2.TLC'));
}

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(folder)).toEqual([]);
  expect(await processesHere()).toEqual([]);
}

async function count(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

describe.skipIf(!hasJava)('runTlc', () => {
  beforeAll(presentJar);

  it('checks a model, streams its graph, and leaves nothing', async () => {
    let bytes = 0;
    const dump = async (stream: AsyncIterable<Uint8Array>): Promise<void> => {
      bytes = await count(stream);
    };
    const result = await kinds('SPECIFICATION Spec\nCHECK_DEADLOCK FALSE', {
      coverage: true,
      dump,
    });
    expect(result).toMatchObject({
      verdict: 'ok',
      distinct: 7,
      generated: 8,
      initial: 1,
      queue: 0,
    });
    expect(result.coverage.map(({ action }) => action)).toContain('Increase');
    expect(bytes).toBeGreaterThan(500);
    const given = result.command.join(' ');
    expect(given).toMatch(/ -Xmx256m /);
    // Folders of this run alone: two runs at once would unpack TLC's modules over each other.
    for (const flag of ['-Djava.io.tmpdir=', '-metadir ']) {
      expect(given.split(flag)[1]?.startsWith(join(folder, 'bisim-tlc-'))).toBe(true);
    }
    await expectNothingLeft();
  });

  it.each([
    [
      'an invariant',
      'SPECIFICATION Spec\nINVARIANT BelowInv',
      { kind: 'invariant', property: 'BelowInv' },
      4,
    ],
    [
      'an invariant at once',
      'SPECIFICATION Spec\nINVARIANT PositiveInv',
      { kind: 'invariant', property: 'PositiveInv' },
      1,
    ],
    [
      'an action property',
      'SPECIFICATION Spec\nPROPERTY UpProp',
      { kind: 'action-property', property: 'UpProp' },
      5,
    ],
    [
      'liveness, going round',
      'SPECIFICATION Spec\nPROPERTY ReachProp',
      { kind: 'liveness', lasso: 5 },
      7,
    ],
    [
      'liveness, standing still',
      'SPECIFICATION StopSpec\nPROPERTY ReachProp\nCHECK_DEADLOCK FALSE',
      { kind: 'liveness', lasso: 'stuttering' },
      3,
    ],
    ['deadlock', 'SPECIFICATION StopSpec', { kind: 'deadlock' }, 3],
    ['an Assert', 'INIT Init\nNEXT Boom', { kind: 'assert' }, 3],
  ])('finds %s', async (_what, cfg, expected, steps) => {
    const result = await kinds(cfg);
    expect(result).toMatchObject({ verdict: 'violation', ...expected });
    expect(result.trace).toHaveLength(steps);
    expect(result.trace?.[0]?.state['x']).toBe('0');
  });

  it('finds a false ASSUME, and an expression that cannot be evaluated', async () => {
    const cfg = 'CONSTANT Limit = 12\nSPECIFICATION Spec\n';
    const assume = await kinds('', { cfg });
    expect(assume).toMatchObject({
      verdict: 'violation',
      kind: 'assume',
      location: { file: 'Kinds.tla', line: 10 },
    });
    const evaluation = await kinds('INIT Init\nNEXT Evaluate');
    expect(evaluation).toMatchObject({
      verdict: 'error',
      kind: 'evaluation',
      location: { file: 'Kinds.tla', line: 27 },
    });
  });

  it('names what is wrong with a cfg, even one TLC cannot read', async () => {
    expect(await kinds('', { cfg: 'SPECIFICATION Spec\n' })).toMatchObject({
      verdict: 'error',
      kind: 'config',
      message: expect.stringContaining('Limit'),
    });
    const unread = await kinds('ZORK 3 = =');
    expect(unread).toMatchObject({
      verdict: 'error',
      kind: 'config',
      message: expect.stringContaining('configuration file at line 2'),
    });
  });

  it('hands out what the spec prints', async () => {
    const result = await kinds('INIT Init\nNEXT Shout\nCHECK_DEADLOCK FALSE');
    expect(result.prints).toEqual(['<<"shout", 0>>', '<<"shout", 1>>']);
  });

  it('gives each behaviour of a simulation', async () => {
    const mode = { simulate: { num: 3, depth: 4, seed: 1, traces: true } };
    const result = await kinds('SPECIFICATION Spec', { mode });
    expect(result.verdict).toBe('ok');
    expect(result.traceFiles.map(({ name }) => name)).toEqual([
      'trace_0_0',
      'trace_0_1',
      'trace_0_2',
    ]);
    expect(Buffer.from(result.traceFiles[0]!.bytes).toString()).toContain('STATE_4');
  });

  it('copies no class files beside a spec, and no other file', async () => {
    const beside = join(folder, 'spec');
    await mkdir(beside);
    const module = join(beside, 'Look.tla');
    await writeFile(
      module,
      '---- MODULE Look ----\nVARIABLE x\nInit == x = TRUE\nNext == UNCHANGED x\n====\n',
    );
    await writeFile(join(beside, 'Look.class'), 'evil');
    let staged: string[] = [];
    const dump = async (stream: AsyncIterable<Uint8Array>): Promise<void> => {
      const run = (await readdir(folder)).find((name) => name.startsWith('bisim-tlc-'));
      staged = await readdir(join(folder, run ?? '', 'specs'));
      await count(stream);
    };
    await runTlc({ ...limits, module, cfg: 'INIT Init\nNEXT Next\n', dump });
    expect(staged.sort()).toEqual(['Look.cfg', 'Look.tla']);
  });

  it('ends a run over its time', async () => {
    const result = await endless('Next', { timeoutMs: 3_000 });
    expect(result).toMatchObject({ verdict: 'unknown', kind: 'timeout' });
    await expectNothingLeft();
  });

  it('says when the memory was too small', async () => {
    const result = await endless('Grow', { memoryMb: 32 });
    expect(result).toMatchObject({
      verdict: 'unknown',
      kind: 'memory',
      message: expect.stringContaining('32 MB'),
    });
    await expectNothingLeft();
  });

  it('ends when told to', async () => {
    const abort = new AbortController();
    const dump = async (stream: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const _chunk of stream) abort.abort();
    };
    const result = await endless('Next', { dump, signal: abort.signal });
    expect(result).toMatchObject({ verdict: 'unknown', kind: 'interrupted' });
    await expectNothingLeft();
  });

  it('does not start when told to end before', async () => {
    const result = await endless('Next', { signal: AbortSignal.abort() });
    expect(result.kind).toBe('interrupted');
    await expectNothingLeft();
  });

  it('ends TLC when the reader of the graph fails, and passes the failure on', async () => {
    const dump = async (stream: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const _chunk of stream) throw new Error('the reader failed');
    };
    await expect(endless('Next', { dump })).rejects.toThrow('the reader failed');
    await expectNothingLeft();
  });

  it('does not wait for a graph that TLC never began to write', async () => {
    let bytes = -1;
    const dump = async (stream: AsyncIterable<Uint8Array>): Promise<void> => {
      bytes = await count(stream);
    };
    // Java itself refuses a heap of one megabyte.
    const result = await kinds('INIT Init\nNEXT Next', { dump, memoryMb: 1 });
    expect(result).toMatchObject({ verdict: 'unknown', kind: 'memory' });
    expect(bytes).toBe(0);
  });

  it('dies of Ctrl-C with its JVM and leaves nothing', async () => {
    const script = join(folder, 'script.ts');
    const run = new URL('../../conformance/tlc/run.ts', import.meta.url).pathname;
    await writeFile(
      script,
      `import { runTlc } from '${run}';
await runTlc({
  module: '${join(specs, 'Endless.tla')}', cfg: 'INIT Init\\nNEXT Next\\n', timeoutMs: 60_000, memoryMb: 256,
  dump: async (stream) => { for await (const _ of stream) console.log('running'); },
});
`,
    );
    const jiti = createRequire(import.meta.url).resolve('jiti/package.json');
    const cli = join(jiti, '..', 'lib', 'jiti-cli.mjs');
    const child = spawn(process.execPath, [cli, script], {
      env: { ...process.env, TMPDIR: folder, JITI_FS_CACHE: 'false' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [code, signal] = await once(child, 'exit');
    expect([code, signal]).toEqual([null, 'SIGINT']);
    // It killed its JVM and waited for nothing more.
    await expect.poll(processesHere, { timeout: 20_000 }).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.startsWith('bisim-'))).toEqual([]);
  });
});

describe('openPipe', () => {
  it('says what is missing where no named pipe can be made', async () => {
    await expect(openPipe(join(folder, 'no', 'such', 'folder'))).rejects.toMatchObject({
      code: 'no-named-pipe',
    });
  });
});
