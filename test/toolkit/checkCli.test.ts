/** bisim check, simulate, graph and fetch as a user meets them: the built command line. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readItf, writeItf } from '../../conformance/behaviour/itf.ts';
import { readNdjsonTrace, readNdjsonTraces } from '../../conformance/behaviour/ndjsonTrace.ts';
import { decodeGraph } from '../../conformance/behaviour/recording.ts';
import { checkVerb, type CheckFlags } from '../../conformance/check/checkVerb.ts';
import { requireGraphFormat, writeGraphFile } from '../../conformance/check/graphFile.ts';
import { parseSimulate, parseWorkers } from '../../conformance/commands/tlcFlags.ts';
import { checkReportSchema, type CheckReport } from '../../conformance/report/checkReport.ts';
import { fetchReportSchema } from '../../conformance/report/fetchReport.ts';
import { graphReportSchema } from '../../conformance/report/graphReport.ts';
import { simulateReportSchema } from '../../conformance/report/simulateReport.ts';
import { UsageError } from '../../conformance/sources/usageError.ts';
import { hasJava, presentJar, specs } from './tlcPresent.ts';
import { ended, refuseOldBuild, ToyProject, type CliResult } from './toyProject.ts';

const endless = readFileSync(join(specs, 'Endless.tla'), 'utf8');

let toy: ToyProject;
const jar: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  refuseOldBuild();
  toy = new ToyProject({
    'specs/Bad.cfg':
      'SPECIFICATION Spec\nCONSTANTS Clients = {"c1", "c2"}\nINVARIANT NeverInv\nCHECK_DEADLOCK TRUE\n',
    'specs/Symmetric.cfg':
      'SPECIFICATION Spec\nCONSTANTS Clients = {c1, c2}\nSYMMETRY Sym\nCHECK_DEADLOCK TRUE\n',
    'specs/MCBad.tla':
      '---- MODULE MCBad ----\nEXTENDS Register, TLC\nNeverInv == value = "none"\nSym == Permutations(Clients)\n====\n',
    'specs/Endless.tla': endless,
    'specs/Endless.cfg': 'INIT Init\nNEXT Next\n',
    '-x.cfg': 'INIT Init\nNEXT Next\n',
  });
  if (hasJava) jar['TLA2TOOLS_JAR'] = (await presentJar()).path;
});
afterAll(() => toy.remove());

const run = (...args: string[]): Promise<CliResult> => toy.run(args, jar);
const model = 'specs/MCBad.tla';
const good = 'specs/MCRegister.cfg';

/** Its JVM, and the shell that looks after that one. */
async function processesLeft(): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  const mine = stdout.split('\n').filter((line) => line.includes(toy.root));
  return mine.filter((line) => /tlc2|bisim-watchdog/.test(line));
}

/** What a run must not leave: files of its own, processes of its own. */
async function expectNothingLeft(): Promise<void> {
  expect(readdirSync(toy.temporary)).toEqual([]);
  // The shell hears from the run that it is over, and then ends.
  await expect.poll(processesLeft, { timeout: 20_000 }).toEqual([]);
}

describe.skipIf(!hasJava)('bisim check', () => {
  it('prints one object for several cfgs: the worst first, and all of them', async () => {
    const { exitCode, stdout } = await run(
      ...['check', model, '--config', good, '--config', 'specs/Bad.cfg', '--json'],
      ...['--save', 'kept'],
    );
    const report = checkReportSchema.parse(JSON.parse(stdout));
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ verdict: 'violation', kind: 'invariant', property: 'NeverInv' });
    expect(report.trace.map(({ action }) => action)).toEqual(['Init', 'Invoke', 'Apply']);
    expect(report.trace[2]).toMatchObject({ args: ['"c1"'], state: { value: '"c1"' } });
    expect(report.runs?.map((each) => [each.verdict, each.distinct])).toEqual([
      ['ok', 22],
      ['violation', expect.any(Number)],
    ]);
    expect(existsSync(report.jar)).toBe(true);
    await expectNothingLeft();
    expect(report.saved).toEqual(['kept/Bad-NeverInv.itf.json', 'kept/Bad-NeverInv.ndjson']);
    expect(report.runs?.[0]?.saved).toEqual([]);
    const [itf, lines] = report.saved!.map((path) => readFileSync(join(toy.root, path), 'utf8'));
    expect(writeItf(readNdjsonTrace(lines!))).toBe(writeItf(readItf(itf!)));
    // The code does what the counterexample does: the model is what is wrong here.
    const replay = await run('replay', 'test/register.ts', '--trace', report.saved![0]!, '--json');
    expect([replay.exitCode, replay.stderr]).toEqual([0, '']);
    expect(JSON.parse(replay.stdout)).toMatchObject({ verdict: 'ok' });
  });

  it('tells the verdict, the coverage and what each step changed', async () => {
    const { exitCode, stdout, stderr } = await run('check', model, '--config', 'specs/Bad.cfg');
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/Bad/)]);
    expect(stdout).toMatch(/Apply\(c = "c1"\)[^]*value = "c1" \(was "none"\)/);
    expect(stdout).toMatch(/not taken before that: Answer/);
  });

  it('takes a verdict from the cache, and repeats it when told to', async () => {
    const cached = async (...more: string[]): Promise<boolean> => {
      const { stdout } = await run('check', model, '--config', good, '--json', ...more);
      return (JSON.parse(stdout) as CheckReport).cached;
    };
    expect([await cached(), await cached(), await cached('--no-cache')]).toEqual([
      expect.any(Boolean),
      true,
      false,
    ]);
  });

  it('leaves no JVM for long when it is killed outright', async () => {
    const child = toy.start(['check', 'specs/Endless.tla', '--no-cache'], jar);
    const end = ended(child);
    // The first report comes seconds into the search: the JVM is there.
    await once(child.stderr!, 'data');
    child.kill('SIGKILL');
    await end;
    await expect.poll(() => readdirSync(toy.temporary), { timeout: 20_000 }).toEqual([]);
    await expectNothingLeft();
  });

  it('takes a cfg whose name begins with a dash, and ends it in its time', async () => {
    const args = ['check', 'specs/Endless.tla', '--config', './-x.cfg', '--timeout', '2'];
    expect((await run(...args)).exitCode).toBe(4);
    await expectNothingLeft();
  });
});

describe.skipIf(!hasJava)('bisim graph', () => {
  it('writes all states and edges in every form', async () => {
    const flags = ['--config', good, '--out', 'graph.bisim', '--json'];
    const { exitCode, stdout } = await run('graph', model, ...flags);
    const { summary } = graphReportSchema.parse(JSON.parse(stdout));
    expect([exitCode, summary?.states, summary?.edges]).toEqual([0, 22, 44]);
    const graph = decodeGraph(readFileSync(join(toy.root, 'graph.bisim')));
    const written = async (form: string): Promise<string> => {
      const path = join(toy.root, `graph.${form}`);
      await writeGraphFile(path, graph, '');
      return readFileSync(path, 'utf8');
    };
    const dot = await written('dot');
    expect([dot.match(/^ {2}\d+ \[/gm)?.length, dot.match(/ -> /g)?.length]).toEqual([22, 44]);
    const json = JSON.parse(await written('json')) as { states: unknown[]; edges: unknown[] };
    expect([json.states.length, json.edges.length]).toEqual([22, 44]);
    const lines = (await written('ndjson')).trim().split('\n');
    const edges = lines.filter((line) => 'from' in (JSON.parse(line) as object));
    expect([lines.length - edges.length, edges.length]).toEqual([22, 44]);
  });

  it('refuses a quotient, with the reason', async () => {
    const { exitCode, stderr } = await run('graph', model, '--config', 'specs/Symmetric.cfg');
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/quotient[^]*next: /)]);
  });
});

describe.skipIf(!hasJava)('bisim simulate', () => {
  it('gives the same behaviours for the same seed, as files and as lines', async () => {
    const flags = ['--num', '3', '--depth', '5', '--seed', '7'];
    const files = await run(
      ...['simulate', model, '--config', good, ...flags, '--out', 'one', '--json'],
    );
    const report = simulateReportSchema.parse(JSON.parse(files.stdout));
    expect([files.exitCode, report.behaviours, report.files.length]).toEqual([0, 3, 3]);
    const kept = report.files.map((path) => readItf(readFileSync(join(toy.root, path), 'utf8')));
    const { stdout } = await run('simulate', model, '--config', good, ...flags);
    expect(readNdjsonTraces(stdout).map((trace) => writeItf(trace))).toEqual(
      kept.map((trace) => writeItf(trace)),
    );
    for (const { length, named } of kept) {
      expect([length, named.every((step) => step !== undefined)]).toEqual([5, true]);
    }
  });
});

describe('bisim fetch', () => {
  it.skipIf(!hasJava)('names the jar, its hash and its source', async () => {
    const { exitCode, stdout } = await run('fetch', '--json');
    const report = fetchReportSchema.parse(JSON.parse(stdout));
    expect([exitCode, report.source, report.sha256.length]).toEqual([0, 'environment', 64]);
  });

  it('refuses a file that is no TLC, with both hashes', async () => {
    writeFileSync(join(toy.root, 'fake.jar'), 'no jar');
    const { exitCode, stderr } = await run('fetch', '--jar', 'fake.jar');
    expect([exitCode, stderr.match(/SHA-256/g)?.length]).toEqual([3, 2]);
    expect(stderr).toMatch(/next: /);
  });
});

/** What stands for every verb that takes a file is in badInput.test.ts. */
describe('flags that do not go together', () => {
  const check = (flags: Partial<CheckFlags>): Promise<unknown> =>
    checkVerb(
      model,
      { config: [good], continue: false, allowOverrides: false, cache: false, ...flags },
      {
        signal: new AbortController().signal,
        cwd: toy.root,
        environment: {},
        progress: { write: () => true },
      },
    );
  const simulate = { num: 1, depth: 1, seed: 1 };

  it.each<Partial<CheckFlags>>([
    { dfid: 3, simulate },
    { dfid: 3, workers: 2 },
    { checkpoint: 3 },
    { recover: 'made', simulate },
    { recover: 'made', config: [good, good] },
    { distributed: 0 },
    { distributed: 2, workers: 2 },
    { distributed: 2, config: [good, good] },
    { distributed: 2, host: '-Dx=y' },
  ])('are refused: %j', async (flags) => {
    await expect(check(flags)).rejects.toBeInstanceOf(UsageError);
  });

  it('are refused on the command line in the same words', async () => {
    const { exitCode, stdout, stderr } = await run('check', model, '--checkpoint', '3');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/needs a folder[^]*\nnext: /);
  });

  it.each([
    () => parseSimulate('nums=1'),
    () => parseSimulate('num=many'),
    () => parseWorkers('0'),
    () => requireGraphFormat('graph.zip'),
  ])('%s is refused', (parse) => {
    expect(parse).toThrow(UsageError);
  });

  it('names the folder of checkpoints that is none', async () => {
    writeFileSync(join(toy.root, 'file'), '');
    const refused = check({ checkpoint: 1, recover: 'file' });
    await expect(refused).rejects.toMatchObject({ code: 'no-folder' });
  });
});
