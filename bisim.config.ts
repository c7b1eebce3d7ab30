import { defineConfig } from './conformance/config.ts';

export default defineConfig({
  rooms: [
    {
      specs: 'specs/replication',
      binding: ['test/conformance/replication.ts'],
      code: ['src/protocol'],
    },
    {
      specs: 'specs/membership',
      binding: ['test/conformance/membership.ts'],
      code: ['src/protocol'],
    },
    {
      specs: 'specs/admission',
      binding: ['test/conformance/partitionAdmission.ts', 'test/conformance/globalAdmission.ts'],
      code: ['src/protocol'],
    },
    { specs: 'specs/wal', binding: ['test/conformance/wal.ts'], code: ['src/protocol'] },
    { specs: 'specs/scrub', binding: ['test/conformance/scrub.ts'], code: ['src/protocol'] },
    {
      specs: 'specs/detection',
      binding: ['test/conformance/failureDetector.ts'],
      code: ['src/protocol'],
    },
  ],
});
