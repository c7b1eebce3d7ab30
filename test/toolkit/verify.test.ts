/**
 * The main job on a small project, through the built command line: what passes, what is taken
 * from the cache, and what each planted bug does.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyReportSchema } from '../../conformance/report/verifyReport.ts';
import { getJar } from '../../conformance/tlc/jar.ts';
import { filesBelow } from '../../conformance/sources/contentHash.ts';
import { refuseOldBuild, toyFiles, toyModel, ToyProject } from './toyProject.ts';

let jar = '';
beforeAll(async () => {
  refuseOldBuild();
  jar = (await getJar()).path;
});

const toys: ToyProject[] = [];
const toy = (change: Record<string, string | object> = {}, cache?: string): ToyProject => {
  const made = new ToyProject(change, cache);
  toys.push(made);
  return made;
};
afterAll(() => toys.forEach((made) => made.remove()));
const verify = (made: ToyProject, args: readonly string[] = []) =>
  made.verify(args, { TLA2TOOLS_JAR: jar });

const left = (made: ToyProject): string[] => filesBelow(made.temporary, () => true);

describe('a project that conforms', () => {
  let made: ToyProject;
  beforeAll(() => {
    made = toy();
  });

  it('passes: states, edges, histories, mutants, known-bad cases', async () => {
    const { report, exitCode, stderr } = await verify(made);
    expect([exitCode, report.problems]).toEqual([0, []]);
    expect(verifyReportSchema.parse(report)).toEqual(report);
    const [model] = report.models;
    expect(model).toMatchObject({ verdict: 'ok', source: 'tlc', distinct: 22, cached: false });
    expect([report.edges, report.behaviours > 0, report.histories > 0]).toEqual([
      report.edgesTotal,
      true,
      true,
    ]);
    expect(report.edgesTotal).toBeGreaterThan(22);
    expect(report.mutants).toMatchObject({ killed: 2, total: 2 });
    expect(report.knownBad.rejected).toBe(report.knownBad.total);
    expect(report.knownBad.total).toBeGreaterThanOrEqual(6);
    expect(report.skipped).toEqual([]);
    expect(left(made)).toEqual([]);
    expect(stderr).not.toContain('\u001b');
  });

  it('is taken from the cache when nothing changed, and says so', async () => {
    const { report, exitCode } = await verify(made);
    expect([exitCode, report.cached, report.models[0]?.cached]).toEqual([0, true, true]);
    const { stdout } = await made.run(['verify'], { TLA2TOOLS_JAR: jar });
    expect(stdout).toMatch(/MCRegister .* ok \(cached\)/);
    expect(stdout).toMatch(/conforms in .* all from the cache \(exit 0\)/);
  });

  it('is done again with --no-cache', async () => {
    const { report } = await verify(made, ['--no-cache']);
    expect([report.cached, report.verdict]).toEqual([false, 'ok']);
  });

  it('is done again where the cache is damaged, with a warning', async () => {
    for (const path of filesBelow(join(made.cache, 'results'), () => true)) {
      const bytes = readFileSync(path);
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
      rmSync(path);
      made.write({ [path.slice(made.root.length + 1)]: bytes.toString('latin1') });
    }
    const { report, exitCode, stderr } = await verify(made);
    expect([exitCode, report.models[0]?.cached]).toEqual([0, false]);
    expect(stderr).toMatch(/warning: .*damaged/);
  });
});

describe('changed code', () => {
  it('never passes from the cache', async () => {
    const made = toy();
    expect((await verify(made)).exitCode).toBe(0);
    made.write({
      'src/register.ts': toyFiles['src/register.ts'].replace("=== 'open'", "!== 'idle'"),
    });
    const { report, exitCode } = await verify(made);
    expect([exitCode, report.models[0]?.verdict]).toEqual([1, 'violation']);
    expect(report.problems.join('\n')).toMatch(/forbidden: .*Apply/);
  });
});

const failing: [string, Record<string, string | object>, RegExp][] = [
  [
    'the model has other states than its table says',
    { 'specs/models.json': { models: [{ ...toyModel, expect: { verdict: 'ok', distinct: 21 } }] } },
    /expects distinct 21; TLC finds 22/,
  ],
  [
    'an invariant fails: the counterexample is shown',
    {
      'specs/Register.tla': toyFiles['specs/Register.tla'].replace("value' = c", "value' = value"),
      'specs/models.json': { models: [toyModel] },
    },
    /TLC says violation:[^]*WrittenInv[^]*2\. .*Invoke/,
  ],
  [
    'the code lacks a step',
    {
      'src/register.ts': toyFiles['src/register.ts'].replace(
        "s.call[c] === 'applied'",
        "s.call[c] === 'applied' && c !== 'c2'",
      ),
    },
    /missing: .*Answer/,
  ],
  [
    'the code does what the model never does, under any arguments',
    {
      'specs/Register.tla': toyFiles['specs/Register.tla']
        .replace(
          'Next ==',
          'Steal(c) == call[c] = "never" /\\ value\' = c /\\ UNCHANGED call\nNext ==',
        )
        .replace('Answer(c)\nSpec', 'Answer(c)\n        \\/ \\E c \\in Clients : Steal(c)\nSpec'),
      'test/register.ts': toyFiles['test/register.ts'].replace(
        'Answer:',
        'Steal: (s: State, { c }: Args) => (s.value === c ? { ...s, value: c } : undefined),\n    Answer:',
      ),
      'specs/models.json': { models: [toyModel] },
    },
    /forbidden: .*Steal/,
  ],
  [
    'no model reaches an action',
    {
      'specs/Register.tla': toyFiles['specs/Register.tla']
        .replace(
          'Next ==',
          'Steal(c) == call[c] = "never" /\\ value\' = c /\\ UNCHANGED call\nNext ==',
        )
        .replace('Answer(c)\nSpec', 'Answer(c)\n        \\/ \\E c \\in Clients : Steal(c)\nSpec'),
      'test/register.ts': toyFiles['test/register.ts'].replace(
        'Answer:',
        'Steal: () => undefined,\n    Answer:',
      ),
      'specs/models.json': { models: [toyModel] },
    },
    /no model that was replayed reaches Steal/,
  ],
  [
    'a mutant survives',
    {
      'specs/mutants.json': [
        {
          ...toyFiles['specs/mutants.json'][1],
          find: ', value: c }',
          replace: ", value: c, note: '' }",
        },
      ],
    },
    /mutant T1 .* survived/,
  ],
  [
    'a patch on the spec no longer applies',
    { 'specs/mutants.json': [{ ...toyFiles['specs/mutants.json'][0], find: 'no such text' }] },
    /mutant T1[^]*find stands 0 times/,
  ],
  [
    'a patch on the code applies twice',
    { 'specs/mutants.json': [{ ...toyFiles['specs/mutants.json'][1], find: 's.call[c]' }] },
    /mutant T1[^]*find stands 3 times/,
  ],
  [
    'the mutant breaks another property than the one named',
    { 'specs/mutants.json': [{ ...toyFiles['specs/mutants.json'][0], property: 'TypeOK' }] },
    /mutant T1 .* survived .* no violation of TypeOK/,
  ],
  [
    'clients see what no register gives',
    {
      'test/register.ts': toyFiles['test/register.ts'].replace(
        "{ type: 'return', process: c, result: null, status: 'ok' }",
        "[{ type: 'return', process: c, result: null, status: 'ok' }, { type: 'invoke', process: c, op: 'get', key: 'k' }, { type: 'return', process: c, result: 'lost', status: 'ok' }]",
      ),
      'specs/models.json': { models: [toyModel] },
    },
    /history is not linearizable/,
  ],
  [
    'no client calls in any behaviour',
    {
      'test/register.ts': toyFiles['test/register.ts'].replace('history(', 'unused('),
      'specs/models.json': { models: [toyModel] },
    },
    /no history among/,
  ],
];

describe('a violation, exit code 1, is found where', () => {
  const shared = toy();
  for (const [title, change, words] of failing) {
    it(title, async () => {
      const { report, exitCode } = await verify(toy(change, shared.cache));
      expect([exitCode, report.verdict]).toEqual([1, 'violation']);
      expect(report.problems.join('\n')).toMatch(words);
    });
  }
});
