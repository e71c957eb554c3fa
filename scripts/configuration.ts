import { renamedSettings, settingGroups, settings } from '../src/config/settings.ts';

/** `docs/configuration.md`, from the tables of the settings. */
export function renderConfiguration(): string {
  const groups = Object.entries(settingGroups).map(([title, group]) => renderGroup(title, group));
  const renamed = Object.entries(renamedSettings).map(([former, name]) => `\`${former}\` is now \`${name}\``);
  return `${[introduction, ...groups].join('\n\n')}\n\nFormer names that still work: ${renamed.join('; ')}.\n`;
}

function renderGroup(title: string, group: Readonly<Record<string, Setting>>): string {
  const rows = Object.entries(group).map(
    ([name, setting]) => `| \`${name}\` | ${defaultOf(setting)} | ${ruleOf(setting)} | ${setting.description} |`,
  );
  return [`## ${title}\n`, '| Variable | Default | Takes | What it does |', '|---|---|---|---|', ...rows].join('\n');
}

type Setting = (typeof settings)[keyof typeof settings];

/** What no setting takes that takes anything but a text. */
const nonsense = '\0';

function defaultOf(setting: Setting): string {
  const value = setting.safeParse(undefined).data;
  return value === undefined ? 'unset' : `\`${value}\``;
}

/** The rule in its own words: what it tells whoever breaks it. */
function ruleOf(setting: Setting): string {
  const message = complaintOf(setting);
  const options = optionsIn(message);
  if (options.includes('`true`')) return '`true` or `false`';
  return options.length > 0 ? options.join(', ') : message.replace(/^expected (a whole number from )?/, '');
}

function complaintOf(setting: Setting): string {
  return setting.safeParse(nonsense).error?.issues.at(-1)?.message ?? 'text';
}

function optionsIn(message: string): string[] {
  return [...message.matchAll(/"([^"]+)"/g)].map(([, option]) => `\`${option}\``);
}

const introduction = `<!-- Written by "npm run codegen" from the tables of the settings in src/config/settings/. Change those. -->

# Configuration

Every setting is an environment variable, and all of them are optional, with one exception: \`NODE_ENV=production\` does not start
without \`SIGNING_KEY_SECRET\`. Roster reads no \`.env\` file. They are read once, at the start, so a change takes a restart.

- All problems are reported together, by name, and Roster does not start. No message repeats a value, since it may be a secret.
- An empty variable counts as unset.
- A setting that takes \`true\` or \`false\` takes any of ${optionsIn(complaintOf(settings.GRAPHIQL)).join(', ')}.
- Two numbers are the least and the greatest that a setting takes, both included.
- A variable that is one edit away from a setting, or begins with \`ROSTER_\`, gets a warning at the start.`;
