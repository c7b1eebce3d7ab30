/** `bisim replay` as the built command line runs it: modes, kept failures, exit codes, bad input. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bindingFiles } from '../../conformance/project/bindingFiles.ts';
import {
  replayBinding,
  type ReplayBindingOptions,
} from '../../conformance/replaying/replayBinding.ts';
import { type ReplayReport, replayReportSchema } from '../../conformance/report/replayReport.ts';
import { taskError } from '../../conformance/verify/taskError.ts';
import { commandHere } from './commandHere.ts';
import { hasJava, presentJar } from './tlcPresent.ts';
import { type CliResult, refuseOldBuild, toyFiles, ToyProject } from './toyProject.ts';

const running = `import { answer, apply, invoke } from '../src/register.ts';
type Args = { c: string };
type Subject = { state: any; answered: number };
const step = (name: any) => async (s: Subject, { c }: Args) => {
  const next = name(s.state, c);
  if (next === undefined) return false;
  s.state = next;
  if (name === answer) s.answered += 1;
  return true;
};
export const register = {
  name: 'running-register',
  spec: 'specs/Register.tla',
  model: 'specs/MCRegister.cfg',
  stepMs: 300,
  start: async ({ Clients }: { Clients: ReadonlySet<string> }): Promise<Subject> => ({
    state: { value: 'none', call: Object.fromEntries([...Clients].map((c) => [c, 'idle'])) },
    answered: 0,
  }),
  observe: async (s: Subject) => s.state,
  stop: async () => {},
  actions: { Invoke: step(invoke), Apply: step(apply), Answer: step(answer) },
};
`;
const pure = toyFiles['test/register.ts'].replace(
  "spec: 'specs/Register.tla',",
  "spec: 'specs/Register.tla', model: 'specs/MCRegister.cfg',",
);
const code = toyFiles['src/register.ts'];
/** An answer that loses the value, in code that has answered twice before. */
const tired = running.replace(
  'if (next === undefined) return false;',
  'if (next === undefined || (name === apply && s.answered > 1)) return false;',
);

let toy: ToyProject;
beforeAll(async () => {
  refuseOldBuild();
  toy = new ToyProject({
    'test/register.ts': pure,
    'test/running.ts': running,
    'test/tired.ts': tired,
    'src/lossy.ts': code.replace(', value: c }', ' }'),
    'test/lossy.ts': pure.replaceAll('register.ts', 'lossy.ts'),
    'src/lax.ts': code.replace("s.call[c] === 'applied' ?", "s.call[c] !== 'open' ?"),
    'test/lax.ts': pure.replaceAll('register.ts', 'lax.ts'),
    'test/laxRunning.ts': running
      .replaceAll('register.ts', 'lax.ts')
      .replace(
        'name(s.state, c);',
        "name(s.state, c); if (name === answer && s.state.call[c] === 'idle') { s.state = { ...s.state, value: 'none' }; return true; }",
      ),
  });
  // A cache of its own would have the jar fetched once more.
  if (hasJava) vi.stubEnv('TLA2TOOLS_JAR', (await presentJar()).path);
  vi.stubEnv('BISIM_CACHE', toy.cache);
});
afterAll(() => {
  vi.unstubAllEnvs();
  toy.remove();
});

/** In this process: a start of the command line costs more than most runs. */
async function inProcess(path: string, options: ReplayBindingOptions = {}): Promise<ReplayReport> {
  const bound = await bindingFiles({ path, from: toy.root });
  const { report } = await replayBinding(bound, { from: toy.root, here: true, ...options });
  return replayReportSchema.parse(report);
}

async function replay(...args: string[]): Promise<CliResult & { report: ReplayReport }> {
  const result = await toy.run(['replay', '--json', ...args]);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  const json: unknown = JSON.parse(result.stdout);
  return { ...result, report: replayReportSchema.parse(json) };
}

describe.skipIf(!hasJava)('bisim replay', () => {
  it('runs every edge of pure code, and takes the same from the cache until the code changes', async () => {
    const first = await replay('test/register.ts');
    expect(first.report).toMatchObject({ verdict: 'ok', mode: 'edges', subject: 'pure' });
    expect(first.exitCode).toBe(0);
    expect(first.report.edges).toBeGreaterThan(20);
    expect(first.report.replayed).toBe(first.report.edges);
    expect(first.report.knownBad.length).toBe(2);
    expect((await replay('test/register.ts')).report.cached).toBe(true);
    toy.write({ 'src/register.ts': `${code}// changed\n` });
    expect(await inProcess('test/register.ts')).toMatchObject({ cached: false, verdict: 'ok' });
    expect(await inProcess('test/register.ts')).toMatchObject({ cached: true });
    expect(await inProcess('test/register.ts', { maxFailures: 3 })).toMatchObject({
      cached: false,
    });
    toy.write({ 'src/register.ts': code });
  });

  for (const mode of ['tours', 'walk', 'simulation'] as const) {
    it(`runs ${mode} of pure and of running code`, async () => {
      for (const binding of ['test/register.ts', 'test/running.ts']) {
        const report = await inProcess(binding, { mode, num: 5, steps: 300, depth: 40 });
        expect([report.verdict, report.reason]).toEqual(['ok', null]);
        expect(report.paths).toBeGreaterThan(0);
        expect(report.knownBad.length).toBeGreaterThan(0);
        expect(report.knownBad.every(({ rejected }) => rejected)).toBe(true);
        if (mode === 'tours') expect(report.replayed).toBe(report.edges);
      }
    });
  }

  it('splits tours into shards and threads that together take every edge', async () => {
    const whole = (await replay('test/running.ts', '--parallel', '2')).report;
    expect(whole).toMatchObject({ verdict: 'ok', replayed: whole.edges });
    const bound = await bindingFiles({ path: 'test/running.ts', from: toy.root });
    const taken = new Set<number>();
    let paths = 0;
    for (const index of [0, 1, 2]) {
      const shard = { index, count: 3 };
      const part = await replayBinding(bound, { from: toy.root, here: true, shard });
      part.taken!.forEach((one, edge) => one === 1 && taken.add(edge));
      paths += part.report.paths;
    }
    expect([paths, taken.size]).toEqual([whole.paths, whole.edges]);
    const none = { shard: { index: 999, count: 1000 } };
    expect(await inProcess('test/running.ts', none)).toMatchObject({
      verdict: 'violation',
      failures: [{ kind: 'empty' }],
    });
  });

  for (const [name, binding, kind] of [
    ['a lost update', 'test/lossy.ts', 'missing'],
    ['a missing guard', 'test/lax.ts', 'forbidden'],
    ['a missing guard of running code', 'test/laxRunning.ts', 'forbidden'],
    ['what shows after two answers alone', 'test/tired.ts', 'missing'],
  ] as const) {
    it(`finds ${name}, and keeps a trace that fails alone in the same way`, async () => {
      const found = await inProcess(binding, { save: `kept/${kind} 'of' ${name}` });
      expect(found.verdict).toBe('violation');
      const failure = found.failures.find((each) => each.kind === kind)!;
      expect(failure.saved).toMatch(/register-[0-9a-f]{12}\.itf\.json$/);
      expect(failure.repeat).toContain('--trace');
      expect(failure.enabled?.length).toBeGreaterThan(0);
      // Where the code does what leads nowhere else, nothing differs.
      if (kind === 'missing') expect(failure.differences.length).toBeGreaterThan(0);
      if (failure.kind === 'forbidden' && binding === 'test/lax.ts') {
        expect(failure.falseGuards).toEqual(['call[c] = "applied"']);
        expect(failure.text).toMatch(/guard that is false there: .* \(Register\.tla, line \d+\)/);
      }
      const { '#meta': meta } = JSON.parse(readFileSync(failure.saved!, 'utf8')) as {
        '#meta': { format: string };
      };
      expect(meta.format).toBe('ITF');
      const again = await inProcess(binding, { traces: [failure.saved!] });
      expect(again).toMatchObject({ verdict: 'violation', mode: 'trace', paths: 1 });
      expect(again.failures[0]).toMatchObject({ kind, action: failure.action });
      const right = found.subject === 'running' ? 'test/running.ts' : 'test/register.ts';
      const mended = await inProcess(right, { traces: [failure.saved!] });
      expect([mended.verdict, mended.failures]).toEqual(['ok', []]);
    });
  }

  it('runs a kept trace by the command it prints, which fails in the same way', async () => {
    const found = await inProcess('test/lossy.ts', { save: 'printed' });
    const { kind, action, repeat } = found.failures[0]!;
    const [verb, ...words] = repeat
      .replaceAll(relative(process.cwd(), toy.root) + '/', '')
      .split(' ')
      .slice(1);
    expect(verb).toBe('replay');
    const again = await replay(...words);
    expect(again.exitCode).toBe(1);
    expect(again.report.failures[0]).toMatchObject({ kind, action });
  });

  it('shrinks what fails late on a long walk', async () => {
    const report = await inProcess('test/tired.ts', { mode: 'walk', depth: 200 });
    const [failure] = report.failures;
    expect(failure!.foundSteps).toBeGreaterThanOrEqual(failure!.steps!);
    // Two whole calls, and the two steps to where the third is refused.
    expect(failure!.steps).toBe(8);
    expect(failure!.path!.length).toBe(7);
  });

  it('says for people what failed, what the model allows there, and how to see it again', async () => {
    const { stdout, stderr, exitCode } = await toy.run(['replay', 'test/lossy.ts']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('the model\'s Apply("c1") leads where the code\'s does not');
    expect(stdout).toContain('the model allows there: ');
    expect(stdout).toMatch(/again: bisim replay test\/lossy\.ts --config specs\/MCRegister\.cfg/);
    expect(stdout).toMatch(/VIOLATION: register on MCRegister/);
    expect(stderr).not.toContain('VIOLATION');
  });

  it('ends a subject that never answers, and code that never returns', async () => {
    const hang = 'if (name === answer) return new Promise(() => {});';
    toy.write({
      'test/hang.ts': running.replace('const next =', `${hang} const next =`),
      'test/loop.ts': running.replace('const next =', 'for (;;); const next ='),
      'test/stray.ts': running.replace(
        'const next =',
        "void Promise.reject(new Error('stray')); const next =",
      ),
    });
    const hangs = await replay('test/hang.ts');
    expect([hangs.exitCode, hangs.report.failures[0]!.kind]).toEqual([1, 'no-answer']);
    const loops = await replay('test/loop.ts', '--timeout', '5');
    expect([loops.exitCode, loops.report.verdict]).toEqual([4, 'unknown']);
    expect(loops.report.reason).toMatch(/did not give its thread back .*\(last begun: \w+\)$/);
    const strays = await replay('test/stray.ts');
    expect(strays.exitCode).toBe(1);
    expect(strays.report.failures.at(-1)!.summary).toContain('where nobody waited for it: stray');
  });

  it('refuses traces of nothing, of another spec, and files that are none', async () => {
    const state = '{"#meta":{"index":0},"x":1}';
    toy.write({
      'empty.itf.json': '',
      'none.itf.json': '{"vars":["value","call"],"states":[]}',
      'other.itf.json': `{"vars":["x"],"states":[${state},${state}]}`,
      'noise.itf.json': '{"vars": what',
      'folder.itf.json/x': '',
    });
    const wrong = ['empty', 'none', 'other', 'noise', 'folder', 'missing'];
    const exits = wrong.map(async (name) => {
      const ran = inProcess('test/register.ts', { traces: [`${name}.itf.json`] });
      const error = await ran.then(
        () => undefined,
        (thrown: unknown) => taskError('replay', thrown),
      );
      expect(error?.next).toBeDefined();
      return error?.exit;
    });
    expect(await Promise.all(exits)).toEqual([
      ...['violation', 'violation', 'usage', 'usage', 'usage', 'usage'],
    ]);
  });

  it('leaves nothing behind but what it was told to keep', () => {
    expect(readdirSync(toy.temporary)).toEqual([]);
    expect(readdirSync(join(toy.root, 'kept')).length).toBe(4);
  });
});

describe('bisim replay of bad input', () => {
  const wrong: readonly (readonly [string, readonly string[]])[] = [
    ['a missing file', ['test/none.ts']],
    ['a file without a binding', ['src/register.ts']],
    ['a shard that is none', ['test/register.ts', '--shard', '3/2']],
    ['a trace in another mode', ['test/register.ts', '--mode', 'walk', '--trace', 'x']],
    ['a binding that throws', ['test/throws.ts']],
  ];
  for (const [name, args] of wrong) {
    it(`ends with 2 on ${name}`, async () => {
      toy.write({ 'test/throws.ts': "throw new Error('no');" });
      const { exitCode, stdout, stderr } = await commandHere(toy, ['replay', ...args]);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).not.toMatch(/^\s+at /m);
    });
  }
});
