/**
 * What to type for a command, in the folder of Roster. Not `npx roster`: anywhere else, npx would fetch and run a package
 * of that name, which somebody else has.
 */
export const commandLine = 'node dist/main.js';
