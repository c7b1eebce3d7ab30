/** What each verb prints with --json is what its published schema says, and nothing beside it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRecorder } from '../../conformance/recorder.ts';
import {
  isReportingVerb,
  reportingVerbs,
  reportSchema,
} from '../../conformance/report/reportSchemas.ts';
import { getJar } from '../../conformance/tlc/jar.ts';
import { badInputProject } from './badInputProject.ts';
import { commandHere } from './commandHere.ts';
import type { ToyProject } from './toyProject.ts';

let toy: ToyProject;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  environment = { TLA2TOOLS_JAR: (await getJar()).path };
  toy = badInputProject();
  const recorder = createRecorder({ file: `${toy.root}/run.ndjson`, process: 'p' });
  recorder.record('Invoke', { c: 'c1' }, { call: { c1: 'open', c2: 'idle' } });
  // It says nothing of the call, which the spec changes as well: rejected.
  recorder.record('Apply', { c: 'c1' }, { value: 'c1' });
  recorder.close();
});
afterAll(() => toy.remove());

const history = 'it\'s a "dir"/history.jsonl';
const register = 'specs/MCRegister.tla';
/** By the schema's name: command lines, with the verdicts that the schemas must cover. */
const lines: [name: string, args: string[], exitCodes: number[]][] = [
  ['check', ['check', register, '--coverage'], [0]],
  [
    'check',
    ['check', 'it\'s a "dir"/Register.tla', '--config', register.replace('.tla', '.cfg')],
    [0],
  ],
  ['simulate', ['simulate', register, '--num', '2'], [0]],
  ['graph', ['graph', register], [0]],
  ['types', ['types', 'specs/Register.tla', '--config', 'specs/MCRegister.cfg'], [0]],
  ['replay', ['replay', 'test/running.ts'], [0]],
  ['replay', ['replay', 'test/throws.ts'], [1]],
  ['coverage', ['coverage', 'test/throws.ts'], [0, 1]],
  [
    'mutate',
    ['mutate', 'test/register.ts', '--config', 'specs/MCRegister.cfg', '--spec', '--max', '1'],
    [0, 1],
  ],
  ['validate', ['validate', 'test/running.ts', 'run.ndjson'], [1]],
  ['linearize', ['linearize', history], [0]],
  ['explain', ['explain', 'result.json'], [0]],
  ['init', ['init', 'made'], [0]],
  ['doctor', ['doctor', '--offline'], [0, 1, 2]],
  ['fetch', ['fetch'], [0]],
  // Nobody serves there: it asks until its time is over.
  ['worker', ['worker', '127.0.0.1', '--port', '1', '--workers', '1', '--timeout', '1'], [4]],
  ['error', ['check', 'none.tla'], [2]],
];

let last = '';
for (const [name, args, codes] of lines) {
  it(`bisim ${args.join(' ')}`, async () => {
    if (name === 'explain') toy.write({ 'result.json': last });
    const { exitCode, stdout, stderr } = await commandHere(toy, [...args, '--json'], environment);
    expect(codes, stdout + stderr).toContain(exitCode);
    if (!isReportingVerb(name)) throw new Error(`${name} has no schema`);
    const report: unknown = JSON.parse(stdout);
    expect((await reportSchema(name)).parse(report)).toEqual(report);
    last = stdout;
  });
}

it('no verb with a schema is missing here, but those that other tests hold to theirs', () => {
  const elsewhere = ['verify'];
  const tried = [...new Set([...lines.map(([name]) => name), ...elsewhere])];
  expect(tried.sort()).toEqual([...reportingVerbs].sort());
});
