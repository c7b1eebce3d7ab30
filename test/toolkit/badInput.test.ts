/**
 * Bad input, verb by verb, through the built command line: a clear error with a next step, the
 * right exit code, no stack trace, nothing left behind. The main job has a test of its own.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verbsFor } from '../../conformance/commands/verbs.ts';
import { getJar } from '../../conformance/tlc/jar.ts';
import {
  badInputProject,
  endings,
  everything,
  foreignTrace,
  jvmsOf,
  type Role,
} from './badInputProject.ts';
import { commandHere } from './commandHere.ts';
import { ended, refuseOldBuild, type CliResult, type ToyProject } from './toyProject.ts';

const history = 'it\'s a "dir"/history.jsonl';
const stack = /^\s+at .*\(?.*:\d+:\d+\)?$/m;
let toy: ToyProject;
let jar = '';
beforeAll(async () => {
  refuseOldBuild();
  jar = (await getJar()).path;
  toy = badInputProject();
}, 300_000);
afterAll(() => toy.remove());

const run = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  commandHere(toy, args, { TLA2TOOLS_JAR: jar, GITHUB_ACTIONS: '', ...environment });

interface Expected {
  readonly codes: readonly number[];
  readonly says?: RegExp;
}

/** Runs it, and looks at all that must hold of any bad input. */
async function refused(args: readonly string[], { codes, says }: Expected): Promise<CliResult> {
  const before = everything(toy);
  const result = await run(args);
  const said = result.stdout + result.stderr;
  expect(codes, said).toContain(result.exitCode);
  // What doctor finds stands in a list, each with its remedy below it.
  expect(said).toMatch(/^\s*next: \S+|^WRONG .*\n(?: {8,}.*\n)+/m);
  if (says !== undefined) expect(said).toMatch(says);
  expect(said).not.toMatch(stack);
  expect(said).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
  expect(everything(toy)).toEqual(before);
  expect(readdirSync(toy.temporary)).toEqual([]);
  return result;
}

/** Each place of a command line that takes a file. */
const places: [string, Role, (path: string) => string[]][] = [
  ['check SPEC', 'spec', (path) => ['check', '--', path]],
  ['check --config', 'cfg', (path) => ['check', 'specs/Register.tla', '--config', path]],
  ['simulate SPEC', 'spec', (path) => ['simulate', '--', path]],
  ['simulate --config', 'cfg', (path) => ['simulate', 'specs/Register.tla', '--config', path]],
  ['graph SPEC', 'spec', (path) => ['graph', '--', path]],
  ['graph --config', 'cfg', (path) => ['graph', 'specs/Register.tla', '--config', path]],
  ['types SPEC', 'spec', (path) => ['types', '--', path]],
  ['types --config', 'cfg', (path) => ['types', 'specs/Register.tla', '--config', path]],
  ['replay BINDING', 'code', (path) => ['replay', '--', path]],
  ['replay --trace', 'itf', (path) => ['replay', 'test/running.ts', '--trace', path]],
  ['replay --config', 'cfg', (path) => ['replay', 'test/running.ts', '--config', path]],
  ['validate BINDING', 'code', (path) => ['validate', '--', path, 'bad/empty.ndjson']],
  ['validate TRACE', 'recording', (path) => ['validate', '--', 'test/running.ts', path]],
  ['linearize FILE', 'history', (path) => ['linearize', '--', path]],
  ['linearize --model', 'code', (path) => ['linearize', history, '--model', `./${path}`]],
  ['mutate BINDING', 'code', (path) => ['mutate', '--', path]],
  ['mutate --config', 'cfg', (path) => ['mutate', 'test/running.ts', '--config', path]],
  ['coverage BINDING', 'code', (path) => ['coverage', '--', path]],
  ['coverage --trace', 'recording', (path) => ['coverage', 'test/running.ts', '--trace', path]],
  ['explain RESULT', 'result', (path) => ['explain', '--', path]],
  ['doctor --config', 'code', (path) => ['doctor', '--offline', '--config', path]],
  ['verify --config', 'code', (path) => ['verify', '--config', path]],
];

it('no verb that takes a file is missing here', async () => {
  const withoutFiles = ['completion', 'fetch', 'init', 'schema', 'worker'];
  const tried = places.map(([, , args]) => args('x')[0] ?? '');
  const verbs = Object.keys(await verbsFor(undefined));
  expect([...new Set([...tried, ...withoutFiles])].sort()).toEqual(verbs.sort());
});

// ITF and recordings that hold nothing fail (1): a check of nothing is no usage to be corrected.
const emptyCodes = (role: Role): number[] =>
  role === 'itf' || role === 'recording' ? [1, 2] : [2];

describe.each(places)('%s', (_title, role, args) => {
  const ending = endings[role];
  it('refuses a missing file', () => refused(args(`bad/missing${ending}`), { codes: [2] }));
  it('refuses a folder', () => refused(args(`bad/folder${ending}`), { codes: [2] }));
  it('refuses an empty file', () => {
    return refused(args(`bad/empty${ending}`), { codes: emptyCodes(role) });
  });
  it('refuses noise', () => refused(args(`bad/noise${ending}`), { codes: [2] }), 300_000);
  it('reads a file called -x as a file', () => {
    return refused(args(`-x${ending}`), { codes: [2], says: /-x/ });
  });
});

describe('a command that cannot be read', () => {
  for (const args of [
    ['chek', 'specs/Register.tla'],
    ['check'],
    ['check', 'a.tla', 'b.tla'],
    ['check', 'specs/Register.tla', '--worker', '2'],
    ['schema', 'chek'],
    ['completion', 'tcsh'],
    ['worker', 'no such host'],
    ['init', 'package.json'],
    ['check', 'specs/Register.tla', '--workers', 'many'],
    ['check', 'specs/Register.tla', '--reporter', 'xml'],
    ['check', 'specs/Register.tla', '--reporter', 'html='],
    ['check', 'specs/Register.tla', '--json', '--reporter', 'junit'],
    ['replay', 'test/running.ts', '--mode', 'sideways'],
    ['linearize'],
  ]) {
    it(`says what to do next: ${args.join(' ')}`, () => refused(args, { codes: [2] }));
  }
});

describe('a path with spaces and quotes', () => {
  const folder = 'it\'s a "dir"';
  it('is checked', async () => {
    const { exitCode, stdout, stderr } = await run([
      'check',
      `${folder}/Register.tla`,
      '--no-cache',
    ]);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(readdirSync(toy.temporary)).toEqual([]);
  });
  it('is linearized', async () => {
    expect((await run(['linearize', `${folder}/history.jsonl`])).exitCode).toBe(0);
  });
});

it('a list of faults that is missing, or is none, is refused by linearize', async () => {
  const drawn = ['linearize', history, '--html', 'bad/empty.jsonl', '--faults'];
  await refused([...drawn, 'bad/missing.jsonl'], { codes: [2] });
  await refused([...drawn, 'bad/noise.jsonl'], { codes: [2] });
});

describe('what belongs to another spec', () => {
  const other = ['--config', 'specs/Other.cfg'];
  for (const args of [
    ['check', 'specs/Register.tla'],
    ['simulate', 'specs/Register.tla'],
    ['graph', 'specs/Register.tla'],
    ['types', 'specs/Register.tla'],
    ['replay', 'test/running.ts'],
    ['mutate', 'test/running.ts'],
    ['coverage', 'test/running.ts'],
    ['validate', 'test/running.ts', foreignTrace],
  ]) {
    it(`is refused, a cfg by ${args[0]}`, () => refused([...args, ...other], { codes: [2] }));
  }
  it('is refused, a trace by replay', () => {
    return refused(['replay', 'test/running.ts', '--trace', foreignTrace], { codes: [1, 2] });
  });
  it('is refused, a trace by coverage', () => {
    return refused(['coverage', 'test/running.ts', '--trace', foreignTrace], { codes: [1, 2] });
  });
  it('is refused, a trace by validate', () => {
    return refused(['validate', 'test/running.ts', foreignTrace], { codes: [1, 2] });
  });
});

describe('a binding', () => {
  for (const verb of [['replay'], ['validate'], ['mutate'], ['coverage']]) {
    it(`that throws when it is loaded is refused by ${verb[0]}`, () => {
      const files = verb[0] === 'validate' ? [foreignTrace] : [];
      return refused([...verb, 'test/throwsOnLoad.ts', ...files], {
        codes: [2],
        says: /on loading/,
      });
    });
  }

  const violated = async (path: string, says: RegExp): Promise<void> => {
    const { exitCode, stdout, stderr } = await run(['replay', path]);
    expect(exitCode, stdout + stderr).toBe(1);
    expect(stdout).toMatch(says);
    expect(stdout + stderr).not.toMatch(stack);
    expect(readdirSync(toy.temporary)).toEqual([]);
  };
  it('whose action throws fails its replay', () => violated('test/throws.ts', /in an action/));
  it('whose subject never answers fails within its time', () => {
    return violated('test/silent.ts', /did not answer|no answer|400 ms/i);
  });
  it('whose subject does its steps later than it says fails', () => {
    return violated('test/outOfOrder.ts', /Apply/);
  });
  it('that behaves passes the same replay', async () => {
    const { exitCode, stdout, stderr } = await run(['replay', 'test/running.ts']);
    expect(exitCode, stdout + stderr).toBe(0);
  });
});

it('two runs at once in one folder do not meet', async () => {
  const args = ['check', 'specs/MCRegister.tla', '--json', '--no-cache'];
  const both = await Promise.all([toy.run(args, { TLA2TOOLS_JAR: jar }), run(args)]);
  const counts = both.map(({ stdout }) => (JSON.parse(stdout) as { distinct: number }).distinct);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(counts).toEqual([22, 22]);
  expect(readdirSync(toy.temporary)).toEqual([]);
});

describe('a folder that cannot be written', () => {
  const mounts: string[] = [];
  const mounted = (name: string, options: string): string | undefined => {
    const folder = join(toy.root, name);
    mkdirSync(folder, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      return undefined;
    }
    mounts.push(folder);
    return folder;
  };
  afterAll(() => mounts.forEach((folder) => execFileSync('umount', [folder])));

  const writing = (folder: string): string[][] => [
    ['check', 'specs/MCRegister.tla', '--reporter', `html=${folder}/report.html`],
    ['types', 'specs/Register.tla', '--config', 'specs/MCRegister.cfg', '--out', `${folder}/t.ts`],
    ['graph', 'specs/MCRegister.tla', '--out', `${folder}/graph.dot`],
    ['simulate', 'specs/MCRegister.tla', '--out', `${folder}/traces`],
    ['init', `${folder}/new`],
  ];
  for (const [what, options] of [
    ['read-only', 'ro'],
    ['full', 'size=4k,nr_inodes=1'],
  ] as const) {
    it(`is the machine's fault: ${what}`, async ({ skip }) => {
      const folder = mounted(what, options);
      if (folder === undefined) return skip('a disk cannot be mounted here: that takes root');
      for (const args of writing(folder)) {
        const { exitCode, stdout, stderr } = await run(args);
        expect(exitCode, `${args.join(' ')}\n${stdout}${stderr}`).toBe(3);
        expect(stderr).toMatch(/^next: \S+/m);
        expect(stderr).not.toMatch(stack);
        expect(readdirSync(folder), args.join(' ')).toEqual([]);
        expect(readdirSync(toy.temporary)).toEqual([]);
      }
    });
  }

  it('is refused as a place for temporary files', async ({ skip }) => {
    const folder = mounted('small', 'size=16k');
    if (folder === undefined) return skip('a disk cannot be mounted here: that takes root');
    const full = { TMPDIR: folder };
    const { exitCode, stdout, stderr } = await run(
      ['check', 'specs/MCRegister.tla', '--no-cache'],
      full,
    );
    expect(exitCode, stdout + stderr).toBe(3);
    expect(stdout + stderr).toMatch(/next: .*space/i);
  });
});

describe('Ctrl-C', () => {
  const interrupted = async (args: readonly string[], java: NodeJS.ProcessEnv): Promise<void> => {
    const cache = { BISIM_CACHE: join(toy.root, 'cache/empty') };
    const child = toy.start([...args, '--json'], { TLA2TOOLS_JAR: jar, ...cache, ...java });
    const result = ended(child);
    await vi.waitFor(() => expect(jvmsOf(toy.temporary).length).toBeGreaterThan(0), {
      timeout: 60_000,
      interval: 50,
    });
    child.kill('SIGINT');
    const { exitCode, stdout, stderr } = await result;
    expect(exitCode, stderr).toBe(130);
    const report = JSON.parse(stdout) as { verdict: string; kind?: string };
    expect([report.verdict, report.kind]).toContain('interrupted');
    expect(stderr).not.toMatch(stack);
    expect(jvmsOf(toy.temporary)).toEqual([]);
    expect(readdirSync(toy.temporary)).toEqual([]);
  };

  it('ends a search that TLC is at: 130, no JVM, no folder left', () => {
    return interrupted(['check', 'specs/Endless.tla'], {});
  });

  const spec = 'specs/Endless.tla';
  for (const args of [
    ['simulate', spec],
    ['graph', spec],
    ['types', spec],
    ['check', spec, '--distributed', '1'],
    ['worker', 'localhost'],
    ['replay', 'test/endless.ts'],
    ['coverage', 'test/endless.ts'],
    ['mutate', 'test/endless.ts'],
    ['validate', 'test/running.ts', 'bad/one.ndjson'],
  ]) {
    it(`ends ${args.join(' ')} in the same way`, () => {
      return interrupted(args, { JAVA_HOME: join(toy.root, 'endless') });
    });
  }
});
