import { type GraphiQLOptions, loadBundle } from './graphiql-bundle.ts';

const keyPlaceholder = 'sk_…';
const userIdPlaceholder = 'user_…';

const welcome = "# Roster's GraphiQL. Ctrl-Enter runs the tab.\n# Hover over a name to read what it means.\n";
const needsKey = '# Put an API key under Headers. This makes one:\n#   npx roster api-key create NAME\n';

const create = `# Makes a user. The next tabs need the id of the
# answer: copy it, or reload this page to fill it in.
mutation CreateUser {
  createUser(input: {
    email: "marcelina@example.com"
    emailVerified: true
    firstName: "Marcelina"
    lastName: "Davis"
    metadata: { plan: "pro" }
    locale: "en-US"
  }) {
    id
    email
    emailVerified
    version
  }
}
`;

const link = `# Links a Google account to a user.
mutation LinkIdentity($userId: ID!) {
  linkIdentity(userId: $userId, input: {
    provider: GOOGLE_OAUTH
    idpId: "1098765432101234567890"
    email: "marcelina@example.com"
  }) {
    id
    provider
    email
  }
}
`;

const update = (id: string) => `# Changes a user for real: ${id},
# unless you put another id under Variables.
# A changed email is no longer verified, and identities
# with another address are unlinked. What you leave out stays.
mutation UpdateUser($id: ID!, $input: UpdateUserInput!) {
  updateUser(id: $id, input: $input) {
    id
    email
    emailVerified
    firstName
    metadata
    version
    updatedAt
    identities { provider email }
  }
}
`;

const list = `# The newest users, a page at a time.
query Users {
  users(first: 10) {
    totalCount
    edges {
      node {
        id
        email
        emailVerified
        name
        version
        identities { provider email }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const json = (value: unknown) => JSON.stringify(value, null, 2);

/**
 * The GraphiQL page. The browser fetches nothing from anywhere else.
 * The first tab is one that works at once: with no user yet it makes one, else it only reads.
 */
export async function renderGraphiQLPage(apiKey: string | null, userId: string | null): Promise<string> {
  const { page } = await loadBundle();
  const headers = json({ Authorization: `Bearer ${apiKey ?? keyPlaceholder}` });
  const id = userId ?? userIdPlaceholder;
  const updateTab = {
    query: update(id),
    variables: json({ id, input: { email: 'marcelina.davis@example.com', firstName: 'Marcelina' } }),
  };
  const [createTab, listTab] = [{ query: create }, { query: list }];
  const linkTab = { query: link, variables: json({ userId: id }) };
  const [first, ...rest] = userId ? [listTab, updateTab, createTab, linkTab] : [createTab, linkTab, updateTab, listTab];
  const intro = apiKey ? welcome : welcome + needsKey;

  const options: GraphiQLOptions = {
    title: 'Roster',
    endpoint: '/graphql',
    headers,
    defaultHeaders: headers,
    shouldPersistHeaders: true,
    defaultEditorToolsVisibility: apiKey && userId ? 'variables' : 'headers',
    inputValueDeprecation: true,
    schemaDescription: true,
    defaultTabs: [{ query: `${intro}#\n${first?.query}` }, ...rest].map((tab) => ({ ...tab, headers })),
  };
  const optionsJson = JSON.stringify(options);
  return page(options)
    .replace(optionsJson, () => `{ ...${optionsJson}, ...openTab }`)
    .replace('<div id="root">', () => `${style}<script>${keptTabs(apiKey, id)}</script><div id="root">`);
}

/** GraphiQL animates its tabs; a pressed one jumps away from under the mouse, and the click is lost. */
const style = '<style>.graphiql-tab { transform: none !important; }</style>';

/**
 * GraphiQL keeps its tabs in the browser. They may be of a time before this key and this user, so placeholders, and
 * the key of an earlier database, are replaced there. The tab that was open is given to GraphiQL, which would otherwise
 * open one more with every reload: it looks for a tab with this query, these variables and these headers, and takes those
 * not given from what was typed last, in any tab.
 */
function keptTabs(apiKey: string | null, userId: string): string {
  return `
    const apiKey = ${JSON.stringify(apiKey)};
    const renew = (text) =>
      apiKey ? text.replace(/sk_(?:…|[\\w-]{43})/g, apiKey).replaceAll('${userIdPlaceholder}', '${userId}') : text;
    const kept = renew(localStorage.getItem('graphiql:tabState') ?? '{}');
    localStorage.setItem('graphiql:tabState', kept);
    const { tabs = [], activeTabIndex } = JSON.parse(kept);
    const active = tabs[activeTabIndex];
    const asked = new URLSearchParams(location.search).get('query') ?? active?.query ?? '';
    const { query, variables, headers } = [active, ...tabs].find((tab) => tab?.query === renew(asked)) ?? {};
    const openTab = query ? { query, variables: variables ?? '', initialHeaders: headers ?? undefined } : {};
  `;
}
