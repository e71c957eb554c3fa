import { type Tab, tabsForNewcomers, tabsWithUsers, userIdPlaceholder } from './tabs.ts';

/**
 * Runs in the browser, before GraphiQL: asks for a key where none is known, and gives GraphiQL its tabs. All that is kept
 * is in `sessionStorage`, which goes with the browser's tab: headers hold keys, and documents may hold passwords.
 */
export function pageScript(apiKey: string | null): string {
  const asTabs = (tabs: Tab[]) =>
    tabs.map(({ query, variables }) => ({ query, variables: variables ? JSON.stringify(variables, null, 2) : '' }));
  const given = { apiKey, newcomers: asTabs(tabsForNewcomers), others: asTabs(tabsWithUsers) };
  return `
    const given = ${JSON.stringify(given).replaceAll('<', '\\u003c')};
    const [placeholder, keyName, tabsName] = ['${userIdPlaceholder}', 'roster:key', 'graphiql:tabState'];
    ${forgetOlderPages}
    ${findUser}
    ${chooseKey}
    ${prepareTabs}
    ${noticeNewUsers}
  `;
}

/** Until a while ago GraphiQL kept headers, keys among them, where they outlive the tab. */
const forgetOlderPages = `
    for (const name of Object.keys(localStorage)) if (name.startsWith('graphiql:')) localStorage.removeItem(name);
`;

/** Whether the key is valid, and the id of a user where there is one and the key may read it. */
const findUser = `
    const isSendable = (key) => /^[\\x21-\\x7e]+$/.test(key);
    async function findUser(key) {
      const answer = await fetch('/graphql', {
        method: 'POST',
        headers: { authorization: 'Bearer ' + key, 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ users(first: 1) { edges { node { id } } } }' }),
      });
      if (answer.status === 401) return { valid: false };
      const { data } = await answer.json();
      return { valid: true, id: data?.users?.edges[0]?.node.id };
    }
`;

const chooseKey = `
    async function chooseKey() {
      const known = given.apiKey ?? sessionStorage.getItem(keyName);
      const found = known ? await findUser(known) : { valid: false };
      return found.valid ? { key: known, id: found.id } : askForKey(Boolean(known));
    }
    function askForKey(wasRefused) {
      const form = document.querySelector('#key-form');
      const problem = form.querySelector('[role=alert]');
      const refuse = (text) => { problem.textContent = text; form.key.select(); };
      form.hidden = false;
      if (wasRefused) refuse('The key of this tab is not valid any more.');
      form.key.focus();
      return new Promise((resolve) => form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const key = form.key.value.trim().replace(/^Bearer +/i, '');
        if (!isSendable(key)) return refuse('This is not an API key. A key begins with sk_.');
        try {
          const found = await findUser(key);
          if (!found.valid) return refuse('Roster does not know this key, or it was revoked.');
          sessionStorage.setItem(keyName, key);
          form.remove();
          resolve({ key, id: found.id });
        } catch {
          refuse('Roster does not answer. Is it running?');
        }
      }));
    }
`;

/**
 * Kept tabs may be of a time before this key and this user, so they are renewed. The tab that was open is given to GraphiQL,
 * which would otherwise open one more with every reload: it looks for a tab with this query, these variables and these
 * headers, and takes those not given from what was typed last, in any tab.
 */
const prepareTabs = `
    function prepareTabs({ key, id }) {
      const headers = JSON.stringify({ Authorization: 'Bearer ' + key }, null, 2);
      const renew = (text) =>
        text.replace(/sk_[\\w-]{43}/g, key).replaceAll(placeholder, id ?? placeholder);
      const kept = renew(sessionStorage.getItem(tabsName) ?? '{}');
      sessionStorage.setItem(tabsName, kept);
      const { tabs = [], activeTabIndex } = JSON.parse(kept);
      const active = tabs[activeTabIndex];
      const asked = renew(new URLSearchParams(location.search).get('query') ?? active?.query ?? '');
      const open = [active, ...tabs].find((tab) => tab?.query === asked);
      const defaultTabs = (id ? given.others : given.newcomers).map((tab) =>
        ({ query: tab.query, variables: renew(tab.variables), headers }));
      return {
        headers,
        defaultHeaders: headers,
        defaultTabs,
        ...(open && { query: open.query, variables: open.variables ?? '', initialHeaders: open.headers ?? headers }),
      };
    }
`;

/** The id of a user who was just made takes the place of what stands for it, in the tabs that are not open. */
const noticeNewUsers = `
    let newUserId;
    const { fetch: send } = globalThis;
    globalThis.fetch = async (...request) => {
      const answer = await send(...request);
      if (answer.headers.get('content-type')?.startsWith('text/event-stream')) return answer; // it has no end to wait for
      const { data } = await answer.clone().json().catch(() => ({}));
      newUserId = data?.createUser?.id ?? newUserId;
      return answer;
    };
    function onTabChange({ tabs }) {
      if (newUserId) for (const tab of tabs) tab.variables = tab.variables?.replaceAll(placeholder, newUserId);
    }
`;
