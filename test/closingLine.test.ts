/** The closing line of CI: what counts as passed and failed, also where nothing could run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const tally = fileURLToPath(new URL('../.ci/tally.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bisim-tally-'));
afterAll(() => rmSync(folder, { recursive: true }));

function close(report: string | undefined, failedCommands: number): [string, number | null] {
  const path = join(folder, 'report.json');
  rmSync(path, { force: true });
  if (report !== undefined) writeFileSync(path, report);
  const ran = spawnSync(process.execPath, [tally, path, String(failedCommands)]);
  return [ran.stdout.toString().trimEnd().split('\n').at(-1) ?? '', ran.status];
}

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});
const report = (...testResults: object[]): string => JSON.stringify({ testResults });

describe('the closing line', () => {
  for (const [title, text, failedCommands, line, code] of [
    ['counts tests', report(file('passed', 'passed', 'passed')), 0, '2 passed, 0 failed', 0],
    [
      'names skipped ones',
      report(file('passed', 'passed', 'pending')),
      0,
      '1 passed, 0 failed, 1 skipped',
      0,
    ],
    ['counts failed ones', report(file('failed', 'passed', 'failed')), 1, '1 passed, 2 failed', 1],
    [
      'counts a file that failed to import',
      report(file('failed'), file('passed', 'passed')),
      1,
      '1 passed, 2 failed',
      1,
    ],
    ['counts a hook that failed', report(file('failed', 'passed')), 0, '1 passed, 1 failed', 1],
    ['counts failed commands', report(file('passed', 'passed')), 2, '1 passed, 2 failed', 1],
    ['fails where no test ran', report(), 0, '0 passed, 1 failed', 1],
    [
      'fails where all were skipped',
      report(file('passed', 'skipped')),
      0,
      '0 passed, 1 failed, 1 skipped',
      1,
    ],
    ['fails without a report', undefined, 1, '0 passed, 2 failed', 1],
    ['fails on a cut report', '{"testResults":[', 0, '0 passed, 1 failed', 1],
  ] as const) {
    it(title, () => {
      expect(close(text, failedCommands)).toEqual([line, code]);
    });
  }
});
