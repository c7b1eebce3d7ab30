/** So that the example is a project of its own: `bisim verify` runs in this folder. */
export const rooms = [{ specs: '.', code: ['.'] }];
export const libraries = [];
