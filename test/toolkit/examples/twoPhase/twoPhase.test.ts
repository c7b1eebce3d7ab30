/** The example as its users test it: the suite that its binding makes, and nothing else. */
import { conformanceSuite } from '../../../../conformance/vitest.ts';
import { twoPhase } from './binding.ts';

conformanceSuite(twoPhase);
