/** bisim check, simulate, graph and fetch as a user meets them: the built command line. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readItf, writeItf } from '../../conformance/behaviour/itf.ts';
import { readNdjsonTrace } from '../../conformance/behaviour/ndjsonTrace.ts';
import { decodeGraph } from '../../conformance/behaviour/recording.ts';
import { checkReportSchema, type CheckReport } from '../../conformance/report/checkReport.ts';
import { fetchReportSchema } from '../../conformance/report/fetchReport.ts';
import { graphReportSchema } from '../../conformance/report/graphReport.ts';
import { simulateReportSchema } from '../../conformance/report/simulateReport.ts';
import { hasJava, presentJar, specs } from './tlcPresent.ts';
import { ended, refuseOldBuild, ToyProject, type CliResult } from './toyProject.ts';

const endless = readFileSync(join(specs, 'Endless.tla'), 'utf8');
const quoted = `it's "quoted"`;

let toy: ToyProject;
const jar: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  refuseOldBuild();
  toy = new ToyProject({
    'specs/Bad.cfg':
      'SPECIFICATION Spec\nCONSTANTS Clients = {"c1", "c2"}\nINVARIANT NeverInv\nCHECK_DEADLOCK TRUE\n',
    'specs/Symmetric.cfg':
      'SPECIFICATION Spec\nCONSTANTS Clients = {c1, c2}\nSYMMETRY Sym\nCHECK_DEADLOCK TRUE\n',
    'specs/Other.cfg': 'SPECIFICATION Spec\nCONSTANTS Clients = {"c1"}\nZork = 3\n',
    'specs/MCBad.tla':
      '---- MODULE MCBad ----\nEXTENDS Register, TLC\nNeverInv == value = "none"\nSym == Permutations(Clients)\n====\n',
    'specs/Endless.tla': endless,
    'specs/Endless.cfg': 'INIT Init\nNEXT Next\n',
    [`${quoted}/Endless.tla`]: endless,
    [`${quoted}/a b.cfg`]: 'INIT Init\nNEXT Never\n',
    'Empty.tla': '',
    '-x.tla': endless,
    '-x.cfg': 'INIT Init\nNEXT Next\n',
    'Noise.tla': '',
  });
  truncateSync(join(toy.root, 'Noise.tla'), 2 ** 30);
  if (hasJava) jar['TLA2TOOLS_JAR'] = (await presentJar()).path;
});
afterAll(() => toy.remove());

const run = (...args: string[]): Promise<CliResult> => toy.run(args, jar);
const model = 'specs/MCBad.tla';
const good = 'specs/MCRegister.cfg';

/** What a run must not leave: files of its own, processes of its own. */
async function expectNothingLeft(): Promise<void> {
  expect(readdirSync(toy.temporary)).toEqual([]);
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  const mine = stdout.split('\n').filter((line) => line.includes(toy.root));
  expect(mine.filter((line) => /tlc2|bisim-watchdog/.test(line))).toEqual([]);
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

  it('ends on Ctrl-C with 130 and leaves nothing', async () => {
    const child = toy.start(['check', 'specs/Endless.tla', '--no-cache'], jar);
    const end = ended(child);
    await once(child.stderr!, 'data');
    child.kill('SIGINT');
    expect((await end).exitCode).toBe(130);
    await expectNothingLeft();
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

  it('runs twice at once in one folder', async () => {
    const args = ['check', model, '--config', good, '--no-cache', '--json'];
    const both = await Promise.all([run(...args), run(...args)]);
    for (const { exitCode, stdout } of both) {
      expect([exitCode, (JSON.parse(stdout) as CheckReport).distinct]).toEqual([0, 22]);
    }
    await expectNothingLeft();
  });

  it('takes paths with spaces and quotes, and a cfg whose name begins with a dash', async () => {
    const named = await run('check', `${quoted}/Endless.tla`, '--config', 'a b', '--json');
    expect(JSON.parse(named.stdout)).toMatchObject({ kind: 'config', exitCode: 2 });
    const args = ['check', 'specs/Endless.tla', '--config', './-x.cfg', '--timeout', '2'];
    expect((await run(...args)).exitCode).toBe(4);
  });
});

describe.skipIf(!hasJava)('bisim graph', () => {
  it.each(['dot', 'json', 'ndjson', 'bisim'])('writes all states and edges as %s', async (form) => {
    const out = `graph.${form}`;
    const { exitCode, stdout } = await run(
      ...['graph', model, '--config', good, '--out', out, '--json'],
    );
    const { summary } = graphReportSchema.parse(JSON.parse(stdout));
    expect([exitCode, summary?.states, summary?.edges]).toEqual([0, 22, 44]);
    const bytes = readFileSync(join(toy.root, out));
    const text = bytes.toString('utf8');
    const counted = {
      dot: () => [text.match(/^ {2}\d+ \[/gm)?.length, text.match(/ -> /g)?.length],
      json: () => {
        const read = JSON.parse(text) as { states: unknown[]; edges: unknown[] };
        return [read.states.length, read.edges.length];
      },
      ndjson: () => {
        const lines = text.trim().split('\n');
        const edges = lines.filter((line) => 'from' in (JSON.parse(line) as object));
        return [lines.length - edges.length, edges.length];
      },
      bisim: () => {
        const { nodeCount, edgeCount } = decodeGraph(bytes);
        return [nodeCount, edgeCount];
      },
    };
    expect(counted[form as keyof typeof counted]()).toEqual([22, 44]);
  });

  it('refuses a quotient, with the reason', async () => {
    const { exitCode, stderr } = await run('graph', model, '--config', 'specs/Symmetric.cfg');
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/quotient[^]*next: /)]);
  });
});

describe.skipIf(!hasJava)('bisim simulate', () => {
  it('writes the same behaviours for the same seed, with actions and arguments', async () => {
    const once = async (out: string): Promise<string[]> => {
      const flags = ['--num', '3', '--depth', '5', '--seed', '7', '--out', out, '--json'];
      const { exitCode, stdout } = await run('simulate', model, '--config', good, ...flags);
      const report = simulateReportSchema.parse(JSON.parse(stdout));
      expect([exitCode, report.behaviours, report.files.length]).toEqual([0, 3, 3]);
      return report.files.map((path) => readFileSync(join(toy.root, path), 'utf8'));
    };
    const [first, second] = [await once('one'), await once('two')];
    expect(first).toEqual(second);
    const trace = readItf(first[0]!);
    expect([trace.length, trace.named.every((step) => step !== undefined)]).toEqual([5, true]);
  });

  it('prints lines of JSON without --out', async () => {
    const flags = ['--num', '2', '--depth', '3'];
    const { stdout } = await run('simulate', model, '--config', good, ...flags);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object).length).toBe(8);
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

describe('what cannot be a model', () => {
  const wrong: readonly [what: string, args: readonly string[], says: RegExp][] = [
    ['a missing file', ['Missing.tla'], /there is no/],
    ['a folder', ['specs'], /folder|there is no/],
    ['an empty file', ['Empty.tla', '--config', good], /is empty/],
    ['a gigabyte of noise', ['Noise.tla', '--config', good], /no TLA\+ module/],
    ['a name with a dash', ['--', '-x.tla'], /cannot be a module/],
    ['a cfg of another spec', [model, '--config', 'specs/Other.cfg'], /Zork/],
    ['a missing cfg', [model, '--config', 'none.cfg'], /there is no/],
  ];
  for (const verb of ['check', 'graph', 'simulate']) {
    const some = verb === 'check' ? wrong : wrong.filter(([what]) => /noise|another/.test(what));
    it.each(some)(`is refused by ${verb}: %s`, async (_what, args, says) => {
      const { exitCode, stdout, stderr } = await run(verb, ...args);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(says);
      expect(stderr).toMatch(/\nnext: /);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(readdirSync(toy.temporary)).toEqual([]);
    });
  }

  it.each([
    ['check', model, '--dfid', '3', '--simulate', 'num=1'],
    ['check', model, '--dfid', '3', '--workers', '2'],
    ['check', model, '--checkpoint', '3'],
    ['check', model, '--distributed', '0'],
    ['check', model, '--simulate', 'nums=1'],
    ['check', model, '--workers', '0'],
    ['graph', model, '--out', 'graph.zip'],
    ['simulate', model, '--num', 'many'],
    ['worker', 'no host'],
  ])('ends with 2 on: %s %s %s %s', async (...args) => {
    const { exitCode, stderr } = await run(
      ...args,
      ...(args[0] === 'worker' ? [] : ['--config', good]),
    );
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/next: /)]);
  });

  it('is refused where nothing can be written', async () => {
    mkdirSync(join(toy.root, 'plain'), { recursive: true });
    writeFileSync(join(toy.root, 'plain/file'), '');
    const flags = ['--checkpoint', '1', '--recover', 'plain/file'];
    const { exitCode, stderr } = await run('check', model, '--config', good, ...flags);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/is no folder\nnext: /)]);
  });
});
