/**
 * Bad input of the main job: each ends with its exit code and a next step, leaves nothing
 * behind, and shows no stack trace unless asked.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { getJar } from '../../conformance/tlc/jar.ts';
import { ended, refuseOldBuild, toyFiles, toyModel, ToyProject } from './toyProject.ts';

let jar = '';
beforeAll(async () => {
  refuseOldBuild();
  jar = (await getJar()).path;
});

const shared = new ToyProject();
const toys: ToyProject[] = [shared];
const toy = (change: Record<string, string | object> = {}): ToyProject => {
  const made = new ToyProject(change, shared.cache);
  toys.push(made);
  return made;
};
afterAll(() => toys.forEach((made) => made.remove()));

const noMutants = { 'specs/models.json': { models: [toyModel] } };
const noJava = { PATH: '/nonexistent', JAVA_HOME: '' };

const cfg = toyFiles['specs/MCRegister.cfg'];
const spec = toyFiles['specs/Register.tla'];
const binding = toyFiles['test/register.ts'];

/** What is wrong, the exit code, and what must be said. */
const bad: [string, Record<string, string | object>, number, RegExp][] = [
  [
    'a spec that does not parse: file and line',
    { 'specs/Register.tla': spec.replace('Init ==', 'Init = =') },
    2,
    /Register\.tla:8:1: /,
  ],
  [
    'a constant that the spec does not have',
    { 'specs/MCRegister.cfg': cfg.replace('Clients', 'Customers') },
    2,
    /Customers|Clients/,
  ],
  [
    'a property that the spec does not have',
    { 'specs/MCRegister.cfg': cfg.replace('WrittenInv', 'UnwrittenInv') },
    2,
    /UnwrittenInv/,
  ],
  [
    'a graph without edges',
    {
      'specs/Register.tla': spec
        .replace('call[c] = "idle" /\\', 'FALSE /\\')
        .replace('CHECK_DEADLOCK TRUE', ''),
      'specs/MCRegister.cfg': cfg.replace('CHECK_DEADLOCK TRUE', 'CHECK_DEADLOCK FALSE'),
      'specs/models.json': { models: [{ ...toyModel, expect: { verdict: 'ok' } }] },
    },
    1,
    /no edges/,
  ],
  [
    'a binding that lacks an action',
    { 'test/register.ts': binding.replace(/ *Answer:.*\n/, '') },
    2,
    /lacks Answer/,
  ],
  [
    'a binding that names an action the spec has not',
    { 'test/register.ts': binding.replace('Answer:', 'Steal: () => undefined,\n    Answer:') },
    2,
    /names Steal/,
  ],
  [
    'a binding that does not parse',
    { 'test/register.ts': `${binding}\nexport const = 1;\n` },
    2,
    /register\.ts cannot be loaded/,
  ],
];

describe('bad input', () => {
  for (const [title, change, code, words] of bad) {
    it(`ends with ${code}: ${title}`, async () => {
      const made = toy({ ...noMutants, ...change });
      const { exitCode, stdout, stderr } = await made.run(['verify'], { TLA2TOOLS_JAR: jar });
      expect(stdout + stderr).toMatch(words);
      expect(exitCode).toBe(code);
      expect(stdout + stderr).toMatch(/^\s*next: \S+/m);
      expect(stdout + stderr).not.toMatch(/^\s+at .*\(?.*:\d+:\d+\)?$/m);
      expect(readdirSync(made.temporary)).toEqual([]);
    });
  }

  it('shows where an error comes from with --debug', async () => {
    const made = toy({ 'test/register.ts': 'throw new Error("on loading");\n' });
    const { exitCode, stderr } = await made.run(['verify', '--debug'], { TLA2TOOLS_JAR: jar });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/at .*register\.ts/);
  });

  it('gives one object with --json also where nothing could be run', async () => {
    const { report, exitCode } = await toy({ 'bisim.config.ts': 'export default 1;' }).verify();
    expect([exitCode, report.verdict, report.problems.length]).toEqual([2, 'error', 1]);
  });
});

describe('a machine', () => {
  it('without Java replays recorded graphs, says what it skipped, and passes', async () => {
    const made = toy();
    const recorded = await made.verify(['--record'], { TLA2TOOLS_JAR: jar });
    expect(recorded.exitCode).toBe(0);
    expect(existsSync(join(made.root, 'specs/recorded/MCRegister.graph'))).toBe(true);
    const { report, exitCode } = await made.verify([], noJava);
    expect([exitCode, report.environment.java]).toEqual([0, null]);
    expect(report.models[0]).toMatchObject({
      source: 'recording',
      modelChecked: false,
      distinct: 22,
    });
    expect([report.edges, report.histories]).toEqual([
      recorded.report.edges,
      recorded.report.histories,
    ]);
    expect(report.mutants.killed).toBe(1);
    expect(report.skipped.map(({ what }) => what)).toEqual([
      '1 spec mutants',
      "TLC's check of MCRegister",
    ]);
    const page = await made.run(['verify'], noJava);
    expect(page.stdout).toMatch(/replayed, not checked \(recorded graph/);
  });

  it('without Java refuses a recording of an older spec', async () => {
    const made = toy(noMutants);
    await made.verify(['--record'], { TLA2TOOLS_JAR: jar });
    made.write({ 'specs/Register.tla': `${spec}\n` });
    const { report, exitCode } = await made.verify([], noJava);
    expect([exitCode, report.verdict, report.edges]).toEqual([3, 'error', 0]);
    expect(report.skipped[0]?.reason).toMatch(/older spec or cfg/);
  });

  it('without Java and without recordings has verified nothing: 3', async () => {
    const { report, exitCode } = await toy(noMutants).verify([], noJava);
    expect([exitCode, report.verdict]).toEqual([3, 'error']);
    expect(report.problems.join()).toMatch(/nothing was verified[^]*next: Install Java/);
  });

  it('with a Java that is too old: 3', async () => {
    const made = toy(noMutants);
    made.write({ 'old/java': '#!/bin/sh\necho \'openjdk version "1.8.0_392"\' >&2\n' });
    chmodSync(join(made.root, 'old/java'), 0o755);
    const old = { PATH: `${join(made.root, 'old')}`, JAVA_HOME: '' };
    const { exitCode, stderr } = await made.run(['verify'], old);
    expect(stderr).toMatch(/1\.8\.0_392[^]*next: Install Java/);
    expect(exitCode).toBe(3);
  });

  it('with a jar of another hash: 3, and both hashes', async () => {
    const made = toy({ ...noMutants, 'other.jar': 'no jar' });
    const { exitCode, stderr } = await made.run(['verify', '--jar', 'other.jar']);
    expect(stderr).toMatch(/[0-9a-f]{64}[^]*[0-9a-f]{64}[^]*next: /);
    expect(exitCode).toBe(3);
  });

  it('with a full disk: 3', async ({ skip }) => {
    const made = toy(noMutants);
    const disk = join(made.root, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('a disk of 16 kB cannot be mounted here: that takes root');
    }
    try {
      const full = { TLA2TOOLS_JAR: jar, TMPDIR: disk };
      const { exitCode, stdout, stderr } = await made.run(['verify', '--no-cache'], full);
      expect(stdout + stderr).toMatch(/next: Free space/);
      expect(exitCode, stdout + stderr).toBe(3);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

/** A model that no test can wait for. */
const endless = {
  ...noMutants,
  'specs/Register.tla': spec
    .replace('call\nvars', 'call, count\nvars')
    .replace('<<value, call>>', '<<value, call, count>>')
    .replace('"idle"]\nInvoke', '"idle"] /\\ count = 0\nInvoke')
    .replaceAll('UNCHANGED value', "UNCHANGED value /\\ count' = count + 1")
    .replace("value' = c\n", "value' = c /\\ count' = count + 1\n"),
  'test/register.ts': binding,
};

describe('a run that is ended', () => {
  it('by its time limit is inconclusive: 4', async () => {
    const config = toyFiles['bisim.config.ts'].replace('libraries', 'timeoutMs: 6000, libraries');
    const made = toy({ ...endless, 'bisim.config.ts': config });
    const { report, exitCode } = await made.verify([], { TLA2TOOLS_JAR: jar });
    expect([exitCode, report.verdict]).toEqual([4, 'unknown']);
    expect(report.problems.join('\n')).toMatch(/timeout[^]*next: Make the model smaller/);
    expect(readdirSync(made.temporary)).toEqual([]);
  });

  it('by Ctrl-C ends its JVMs, removes its folders, and exits with 130', async () => {
    const made = toy(endless);
    const child = made.start(['verify', '--json'], { TLA2TOOLS_JAR: jar });
    const result = ended(child);
    const running = (): string[] =>
      readdirSync(made.temporary).filter((name) => name.startsWith('bisim-tlc-'));
    await vi.waitFor(() => expect(running().length).toBeGreaterThan(0), {
      timeout: 60_000,
      interval: 20,
    });
    child.kill('SIGINT');
    const { exitCode, stdout } = await result;
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'interrupted' });
    expect(readdirSync(made.temporary)).toEqual([]);
    expect(jvmsOf(made.temporary)).toEqual([]);
  });
});

/** Processes whose command line names the folder. */
function jvmsOf(folder: string): string[] {
  const listed = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return listed.split('\n').filter((line) => line.includes(folder) && line.includes('java'));
}
