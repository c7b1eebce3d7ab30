/** The main job through its reporters: one run writes them all, and each says the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refuseOldBuild, toyFiles, ToyProject } from './toyProject.ts';

let toy: ToyProject;
beforeAll(() => {
  refuseOldBuild();
  const code = toyFiles['src/register.ts'].replace(', value: c }', ' }');
  toy = new ToyProject({ 'src/register.ts': code });
});
afterAll(() => toy.remove());

it('writes JSON, JUnit and a page of one run, with the graph and the failing steps', async () => {
  const files = ['html=out/report.html', 'junit=out/junit.xml'];
  const asked = files.flatMap((file) => ['--reporter', file]);
  const { report, exitCode } = await toy.verify(asked, { GITHUB_ACTIONS: '' });
  expect([exitCode, report.verdict]).toEqual([1, 'violation']);
  const read = (name: string): string => readFileSync(join(toy.root, 'out', name), 'utf8');
  const html = read('report.html');
  for (const id of ['problems', 'models', 'counterexamples', 'graph', 'coverage', 'mutants']) {
    expect(html.includes(`<section id="${id}"`), id).toBe(true);
  }
  expect(html.match(/class="state[" ]/g)).toHaveLength(report.models[0]?.distinct ?? 0);
  expect(html.includes('leads where the model&#39;s does not')).toBe(true);
  const junit = read('junit.xml');
  expect(junit).toMatch(/<testcase name="MCRegister" classname="specs"[^>]*>\s*<failure/);
  expect(junit).toMatch(/name="known-bad cases"[^>]*\/>/);
});
