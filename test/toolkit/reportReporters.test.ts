/** The reporters: what each writes, where it goes, and what no text of a user may do in it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { githubAnnotations, githubSummary } from '../../conformance/report/github.ts';
import { junit } from '../../conformance/report/junit.ts';
import { parseReporter, printOutcome } from '../../conformance/report/reporters.ts';
import type { Reporter, Sinks } from '../../conformance/report/reporters.ts';
import { UsageError } from '../../conformance/sources/usageError.ts';
import { fullOutcome } from './reportPages.ts';

const folder = mkdtempSync(join(tmpdir(), 'bisim-reporters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '</script><img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    ']]>&lt;!--',
    '\r\n::error::x\n::set-output name=a::b',
    '\u0000\u0008\u001b[31m\u007f\ufffe',
    '```\n# heading | cell',
  ),
);

async function printed(
  reporters: readonly Reporter[],
  environment: NonNullable<Sinks['environment']> = {},
): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const sink = (list: string[]) => ({ write: (text: string) => list.push(text) });
  const sinks = { stdout: sink(out), stderr: sink(err), environment };
  const code = await printOutcome(fullOutcome(), reporters, sinks);
  return { code, out: out.join(''), err: err.join('') };
}

describe('JUnit', () => {
  it('tells failures, errors and skipped cases apart, with their reasons', () => {
    const text = junit(fullOutcome());
    expect(text).toContain(
      '<testsuites name="bisim" tests="4" failures="1" errors="1" skipped="1"',
    );
    expect(text).toContain('<failure message="missing">the code cannot</failure>');
    expect(text).toContain('<error message="old"/>');
    expect(text).toContain('<skipped message="long tier"/>');
    expect(text).toContain('<testcase name="MCRegister" classname="specs" time="1.250"/>');
    expect(text).toContain('file="specs/A.tla" line="12"');
  });

  it('is well-formed XML of our elements alone, whatever the texts hold', () => {
    const known = new Set(['testsuites', 'testsuite', 'testcase', 'failure', 'error', 'skipped']);
    fc.assert(
      fc.property(hostile, (mark) => {
        const open: string[] = [];
        const text = junit(fullOutcome(mark)).replace(/^<\?xml[^?]*\?>/, '');
        expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
        const rest = text.replace(
          /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g,
          (_tag, closing: string, name: string, _attributes, empty: string) => {
            expect(known).toContain(name);
            if (closing !== '') expect(open.pop()).toBe(name);
            else if (empty === '') open.push(name);
            return '';
          },
        );
        expect(open).toEqual([]);
        expect(rest).not.toMatch(/[<>"]|&(?!#\d+;)/);
      }),
    );
  });
});

describe('GitHub annotations', () => {
  it('name the file and line of a failure', () => {
    expect(githubAnnotations(fullOutcome())).toContain(
      '::error file=specs/A.tla,line=12,title=specs%3A edge::missing%0Athe code cannot\n',
    );
  });

  it('are one command a line, whatever the texts hold', () => {
    const expected = githubAnnotations(fullOutcome()).split('\n').length;
    fc.assert(
      fc.property(hostile, (mark) => {
        const lines = githubAnnotations(fullOutcome(mark)).split(/\r\n|\r|\n/);
        expect(lines).toHaveLength(expected);
        const command = /^::(error|notice) [^:]*::/;
        for (const line of lines.slice(0, -1)) expect(line).toMatch(command);
      }),
    );
  });

  it('leave no text of a user outside a fence or a reference in the summary', () => {
    fc.assert(
      fc.property(hostile, (mark) => {
        const text = githubSummary(fullOutcome(mark));
        const outside = text.replace(/^(`{3,})\n[^]*?\n\1$/gm, '');
        expect(outside).not.toMatch(/[<>`[\]!*_~]/);
      }),
    );
  });
});

describe('reporters', () => {
  it('refuse what they do not know before anything runs', () => {
    expect(() => parseReporter('xml')).toThrow(UsageError);
    expect(() => parseReporter('html=')).toThrow(/names no file/);
    expect(parseReporter('html=a=b')).toEqual({ kind: 'html', file: 'a=b' });
  });

  it('refuse two on stdout, and two into one file', async () => {
    await expect(printed([{ kind: 'json' }, { kind: 'junit' }])).rejects.toThrow(/both print/);
    const file = at('same');
    const twice = printed([
      { kind: 'html', file },
      { kind: 'junit', file },
    ]);
    await expect(twice).rejects.toThrow(/would write/);
  });

  it('print text beside files, making the folders they name', async () => {
    const file = at('deep/er/report.html');
    const { code, out } = await printed([{ kind: 'html', file }]);
    expect([code, out]).toEqual([1, 'text\n']);
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('lose nothing where a file cannot be written, and say so', async () => {
    writeFileSync(at('file'), '');
    mkdirSync(at('folder'));
    const good = at('good.xml');
    const { out, err } = await printed([
      { kind: 'html', file: at('file/below.html') },
      { kind: 'github', file: at('folder') },
      { kind: 'junit', file: good },
      { kind: 'json' },
    ]);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'violation' });
    expect(readFileSync(good, 'utf8')).toMatch(/<testsuites/);
    expect(err.match(/cannot write [^]*?\nnext: /g)).toHaveLength(2);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('end with 3 where the run passed and a file cannot be written', async () => {
    writeFileSync(at('plain'), '');
    const sinks = { stdout: { write: () => true }, stderr: { write: () => true } };
    const passed = { ...fullOutcome(), exitCode: 0 };
    const file = at('plain/below');
    expect(await printOutcome(passed, [{ kind: 'json', file }], sinks)).toBe(3);
    expect(await printOutcome(fullOutcome(), [{ kind: 'json', file }], sinks)).toBe(1);
  });

  it('annotate on stderr under GitHub Actions, so that stdout stays the same', async () => {
    const summary = at('summary.md');
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
    const there = await printed([{ kind: 'json' }], environment);
    const elsewhere = await printed([{ kind: 'json' }]);
    expect(there.out).toBe(elsewhere.out);
    expect([there.err, elsewhere.err]).toEqual([githubAnnotations(fullOutcome()), '']);
    expect(readFileSync(summary, 'utf8')).toMatch(/^### bisim verify/);
    const asked = await printed([{ kind: 'github' }], environment);
    expect([asked.out, asked.err]).toEqual([githubAnnotations(fullOutcome()), '']);
  });
});
