// The closing line of CI, from vitest's JSON report. A file that failed without a
// failed test of its own (its import or a hook broke) counts as one failure, and so
// does a report that is absent, unreadable or holds no test at all.
import { readFileSync } from 'node:fs';

/** Counts of one report; `problem` says why a report counts as a failure as a whole. */
export function tally(text) {
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    return { passed: 0, failed: 1, skipped: 0, problem: 'the test report cannot be read' };
  }
  const files = Array.isArray(report?.testResults) ? report.testResults : [];
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const file of files) {
    const states = (file.assertionResults ?? []).map((test) => test.status);
    const failedHere = states.filter((state) => state === 'failed').length;
    passed += states.filter((state) => state === 'passed').length;
    skipped += states.filter((state) => state !== 'passed' && state !== 'failed').length;
    failed += failedHere === 0 && file.status === 'failed' ? 1 : failedHere;
  }
  const problem = passed + failed === 0 ? 'no test ran' : undefined;
  return { passed, failed: failed + (problem ? 1 : 0), skipped, problem };
}

/** The line itself; skipped tests are named only where there are some. */
export function closingLine({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

if (process.argv[1]?.endsWith('tally.js')) {
  const counts = tally(read(process.argv[2]));
  counts.failed += Number(process.argv[3]);
  if (counts.problem) process.stdout.write(`${counts.problem}\n`);
  process.stdout.write(`\n${closingLine(counts)}\n`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}
