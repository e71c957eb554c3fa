import { renamedSettings, settings } from './settings.ts';

/** The documentation uses these for a key of Roster's and for its address; they are the clients', not settings. */
const namesOfClients = new Set(['ROSTER_KEY', 'ROSTER_URL']);

/** A warning for each name in the environment that looks like a setting and is none: an empty list when all is well. */
export function findUnknownNames(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env).flatMap((name) => {
    if (name in settings || namesOfClients.has(name)) return [];
    const successor = renamedSettings[name];
    if (successor) return [`${name}: is called ${successor} now; the former name still works`];
    const upper = name.toUpperCase();
    const meant = closestSetting(upper.replace(/^ROSTER_/, ''));
    if (!meant && !upper.startsWith('ROSTER_')) return [];
    return [
      `${name}: there is no such setting; ${meant ? `perhaps ${meant} is meant` : 'docs/configuration.md lists them all'}`,
    ];
  });
}

function closestSetting(name: string): string | undefined {
  return name in settings ? name : Object.keys(settings).find((setting) => isOneEditAway(name, setting));
}

/** Whether one letter more, less or other, or two that changed places, makes the one of the other. */
function isOneEditAway(a: string, b: string): boolean {
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [restOfA, restOfB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (restOfA.length <= 1 && restOfB.length <= 1) return true;
  return restOfA.length === 2 && restOfA === [...restOfB].reverse().join('');
}
