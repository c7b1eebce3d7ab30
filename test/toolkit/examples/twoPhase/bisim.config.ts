/** So that the example is a project of its own: `bisim verify` runs in this folder. */
export const rooms = [{ specs: '.', binding: 'binding.ts', code: ['.'] }];
export const libraries = [];
