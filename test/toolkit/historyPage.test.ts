import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { linearize } from '../../conformance/linearize/linearize.ts';

const page = readFileSync(new URL('../../docs/history.md', import.meta.url), 'utf8');
const entry = fileURLToPath(new URL('../../conformance/history.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bisim-history-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(
    ([, text]) => text ?? '',
  );

describe('docs/history.md', () => {
  it.each(blocks('ts').map((text, at) => [at + 1, text]))(
    'example %i prints what it says',
    async (at, text) => {
      const expected = [...String(text).matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(
        ([, value]) => {
          return JSON.parse(String(value)) as unknown;
        },
      );
      const code = String(text)
        .replaceAll("'bisim/history'", JSON.stringify(entry))
        .replaceAll("'recorded.jsonl'", JSON.stringify(join(folder, 'recorded.jsonl')))
        .replaceAll('console.log(', 'printed.push(');
      const path = join(folder, `example${at}.ts`);
      writeFileSync(path, `export const printed: unknown[] = [];\n${code}`);

      const { printed } = (await import(/* @vite-ignore */ path)) as { printed: unknown[] };

      expect(expected.length).toBeGreaterThan(0);
      expect(printed).toEqual(expected);
    },
  );

  it('shows what the command prints, and a command that repeats it', async () => {
    writeFileSync(join(folder, 'run.jsonl'), blocks('jsonl')[0] ?? '');
    const request = {
      files: ['run.jsonl'],
      model: 'kv',
      consistency: 'linearizable',
      limit: '10s',
    };
    const { signal } = new AbortController();
    const html = 'run.html';
    const outcome = await linearize({ ...request, html, recover: false, cwd: folder, signal });

    expect(outcome.text.replace(/, [\d.]+ s\)/, ')')).toBe(blocks('text')[0]);
    expect(page).toContain('bisim linearize run.jsonl --model kv --limit 10s --html run.html');
    expect(readFileSync(join(folder, html), 'utf8')).toContain('run.jsonl: violation');
  });
});
