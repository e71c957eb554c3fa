import { commandLine } from '../../config/command-line.ts';
import { loadBundle } from './bundle.ts';
import { pageScript } from './script.ts';
import type { GraphiQLOptions } from './take-apart.ts';

export interface PageOptions {
  /** A key that the browser may have, and need not be asked for. */
  readonly apiKey: string | null;
  /** Whether the schema can be asked for. Without it there are no docs and no completion, and the page says why. */
  readonly introspection: boolean;
}

/** The GraphiQL page. The browser fetches nothing from anywhere else. */
export async function renderGraphiQLPage({ apiKey, introspection }: PageOptions): Promise<string> {
  const { page } = await loadBundle();
  const options: GraphiQLOptions = {
    title: 'Roster',
    endpoint: '/graphql',
    shouldPersistHeaders: true, // in sessionStorage
    defaultEditorToolsVisibility: 'variables',
    inputValueDeprecation: true,
    schemaDescription: true,
  };
  const optionsJson = JSON.stringify(options);
  const schema = introspection ? '' : 'schema: null, ';
  return page(options)
    .replace(
      optionsJson,
      () => `{ ...${optionsJson}, ${schema}storage: sessionStorage, onTabChange, ...prepareTabs(choice) }`,
    )
    .replace(
      'YogaGraphiQL.renderYogaGraphiQL(',
      `${wrapLines}
        chooseKey().then((choice) => YogaGraphiQL.renderYogaGraphiQL(`,
    )
    .replace(/\);(\s*<\/script>\s*<\/body>)/, '));$1')
    .replace(
      '<div id="root">',
      () => `${style}${keyForm}${introspection ? '' : noSchema}<script>${pageScript(apiKey)}</script><div id="root">`,
    );
}

/** Beside an open panel there is little room, and GraphiQL has no option for it: the editors are Monaco's. */
const wrapLines = `monaco.editor.onDidCreateEditor((editor) => editor.updateOptions({ wordWrap: 'on' }));`;

/** GraphiQL animates its tabs; a pressed one jumps away from under the mouse, and the click is lost. */
const style = `<style>
  .graphiql-tab { transform: none !important; }
  body { display: flex; flex-direction: column; height: 100vh; }
  #root { flex: 1; min-height: 0; }
  #root .graphiql-container { height: 100%; }
  #key-form { margin: 15vh auto 0; max-width: 34rem; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }
  #key-form[hidden] { display: none; }
  #key-form h1 { font-size: 1.5rem; }
  #key-form label { display: block; margin-bottom: 0.25rem; }
  #key-form input { box-sizing: border-box; width: 100%; padding: 0.5rem; font: inherit; }
  #key-form button { margin-top: 0.75rem; padding: 0.5rem 1rem; font: inherit; cursor: pointer; }
  #key-form [role="alert"] { min-height: 1.5em; color: #b00020; }
  #key-form code { background: #eee; padding: 0.1em 0.3em; }
  #no-schema { margin: 0; padding: 0.5rem 1rem; background: #fff4d6; color: #3b2f00; font: 14px/1.4 system-ui, sans-serif; }
</style>`;

const keyForm = `<form id="key-form" hidden>
  <h1>Roster’s GraphiQL needs an API key</h1>
  <label for="key">API key</label>
  <input id="key" name="key" type="password" autocomplete="off" spellcheck="false" required>
  <p role="alert"></p>
  <button>Open GraphiQL</button>
  <p>No key at hand? In the folder where Roster runs, this makes one and prints it:<br><code>${commandLine} api-key create NAME</code></p>
  <p>In development the first start made one, and printed it then, and only then. This tab of the browser forgets the key when it is closed.</p>
</form>`;

const noSchema = `<p id="no-schema">This server does not show its schema, as usual with NODE_ENV=production, so there are no docs and no completion here. INTROSPECTION=true shows it. Operations run all the same.</p>`;
