/**
 * `bisim types`: what it makes of specs compiles under --strict, accepts every state of the model's
 * graph and refuses corrupted ones; a binding that lacks an action does not compile.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { StateGraph } from '../../conformance/behaviour/graph.ts';
import { decodeGraph } from '../../conformance/behaviour/recording.ts';
import { specFiles } from '../../conformance/project/specFiles.ts';
import { loadModule } from '../../conformance/sources/loadModule.ts';
import { stateGraph } from '../../conformance/spec/graphOf.ts';
import { typesOf } from '../../conformance/types/typesOf.ts';
import { readRecording } from '../../conformance/verify/recorded.ts';
import type { TlaValue } from '../../conformance/value/value.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bisim-types-'));
symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
/** What generated files take from the toolkit, and no more: all of it takes seconds to load. */
const entry = join(folder, 'toolkit.ts');
const inToolkit = (path: string): string => join(repository, 'conformance', path);
writeFileSync(
  entry,
  `export { z } from 'zod';
export { isModelValue } from '${inToolkit('value/value.ts')}';
export type { ModelValue, TlaValue } from '${inToolkit('value/value.ts')}';
export { defineBinding } from '${inToolkit('replay/binding.ts')}';
export type * from '${inToolkit('types/typedBinding.ts')}';
`,
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const subjects = [
  ['voting', 'test/toolkit/specs/MCVoting.tla', 'MCVoting.cfg', 'promised'],
  ['twoPhase', 'test/toolkit/examples/twoPhase/TwoPhase.tla', 'TwoPhase.cfg', 'rmState'],
  ['termination', 'test/toolkit/examples/termination/Termination.tla', 'Termination.cfg', 'token'],
  [
    'admission',
    'specs/admission/MCGlobalAdmissionRestart.tla',
    'MCGlobalAdmissionRestart.cfg',
    'asked',
  ],
  ['replication', 'specs/replication/MCReplication.tla', 'MCReplication-Eventual.cfg', 'unsynced'],
] as const;

type State = Readonly<Record<string, TlaValue>>;

interface Made {
  readonly path: string;
  readonly text: string;
}

const made = new Map<string, Made>();

const filesOf = (spec: string, cfg: string) =>
  specFiles({ spec: join(repository, spec), cfg, from: repository });

beforeAll(async () => {
  for (const [name, spec, cfg] of subjects) {
    const path = join(folder, `${name}.types.ts`);
    const { text } = await typesOf(await filesOf(spec, cfg), { out: path, from: entry });
    writeFileSync(path, text);
    made.set(name, { path, text });
  }
}, 120_000);

/** By file: the compiler's complaints. */
function compiled(paths: readonly string[]): Map<string, string> {
  const program = ts.createProgram([...paths], {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    typeRoots: [join(repository, 'node_modules/@types')],
  });
  return new Map(
    paths.map((path) => {
      const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(path));
      const text = found.map(({ messageText }) =>
        ts.flattenDiagnosticMessageText(messageText, ' '),
      );
      return [path, text.join('\n')];
    }),
  );
}

/** Our own models have recorded graphs, which the tidy test keeps current; the others take TLC. */
async function graphOf(spec: string, cfg: string): Promise<StateGraph> {
  const recorded = join(repository, dirname(spec), 'recorded', cfg.replace(/cfg$/, 'graph'));
  if (existsSync(recorded)) {
    return decodeGraph(readRecording(recorded, readFileSync(recorded)).graph);
  }
  const files = await filesOf(spec, cfg);
  const { graph } = await stateGraph({ ...files, timeoutMs: 60_000, memoryMb: 1_024 });
  if (graph === undefined) throw new Error(`${cfg} has no graph`);
  return graph;
}

async function statesOf(spec: string, cfg: string): Promise<State[]> {
  const graph = await graphOf(spec, cfg);
  const { variables, states, values, nodeCount } = graph;
  return Array.from({ length: nodeCount }, (_, node) =>
    Object.fromEntries(
      variables.map((name, at) => [name, values.value(states[node * variables.length + at]!)]),
    ),
  );
}

describe('the generated file', () => {
  it('compiles under --strict, for each of the specs, and holds a binding to all actions', () => {
    const binding = (name: string, actions: string): string => {
      const path = join(folder, `${name}.ts`);
      writeFileSync(
        path,
        `import { defineBinding } from '${entry}';
import type { VotingBinding } from './voting.types.ts';
export const voting = defineBinding<number, VotingBinding<number>>({
  name: 'voting', spec: 'Voting.tla', init: ({ Ballots }) => Ballots.size,
  view: (s) => ({ chosen: s }), hidden: ['msgs', 'promised'], actions: { ${actions} } });\n`,
      );
      return path;
    };
    const whole = 'Ask: (s, { b }) => s + b, Answer: (n, { s, b }) => n + s.name.length + b';
    const fine = binding('whole', `${whole}, Choose: (s) => s`);
    const lacking = binding('lacking', whole);
    const wrong = binding('wrong', `${whole}, Choose: (s, { b }: { b: number }) => s + b`);
    const generated = [...made.values()].map(({ path }) => path);
    const said = compiled([...generated, fine, lacking, wrong]);
    for (const path of [...generated, fine]) expect([path, said.get(path)]).toEqual([path, '']);
    expect(said.get(lacking)).toMatch(/Property 'Choose' is missing/);
    expect(said.get(wrong)).not.toBe('');
  }, 180_000);

  it('is laid out as prettier lays it out', async () => {
    const options = await resolveConfig(inToolkit('index.ts'));
    for (const { text } of made.values()) {
      expect(text).toBe(await format(text, { ...options, parser: 'typescript' }));
    }
  });
});

describe.each(subjects)('the schemas of %s', (name, spec, cfg, corrupted) => {
  it('accept every state of the model, and none with a part that is not of its type', async () => {
    const module = await loadModule(made.get(name)!.path);
    const state = module['state'] as z.ZodType<State>;
    const states = await statesOf(spec, cfg);
    expect(states.length).toBeGreaterThan(20);
    const refused = states.filter((each) => !state.safeParse(each).success);
    expect(refused).toEqual([]);
    const [first] = states;
    expect(state.safeParse({ ...first, [corrupted]: 'nonsense' }).success).toBe(false);
    expect(state.safeParse({ ...first, more: 1 }).success).toBe(false);
    const { [corrupted]: _left, ...less } = first!;
    expect(state.safeParse(less).success).toBe(false);
  });
});
