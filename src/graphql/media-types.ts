import type { HttpRequest } from '../request/messages.ts';

/**
 * JSON in, JSON out; `plain` as a client sends it that asks for nothing special; `stream` where only server-sent events are
 * taken. Else the status of the error.
 */
export type MediaTypes = 'plain' | 'other' | 'stream' | 406 | 415;

/** Reads what a request says of the form of its body, and of its answer. */
export function readMediaTypes(request: HttpRequest): MediaTypes {
  const { method, headers } = request;
  const accepted = headers.get('accept');
  if (method === 'POST') {
    const type = headers.get('content-type') ?? '';
    if (plainJson.test(type) && [null, '*/*', 'application/json'].includes(accepted)) return 'plain';
    if (!json.test(type)) return 415;
  }
  if (accepts(accepted, answered)) return 'other';
  return accepts(accepted, streamed) ? 'stream' : 406;
}

const plainJson = /^application\/json(; ?charset=utf-8)?$/i;
/** No form and no image can send this, so a browser asks first whether a page of another site may (CORS). */
const json = /^application\/json *(;|$)/i;

export function isJson({ headers }: HttpRequest): boolean {
  return json.test(headers.get('content-type') ?? '');
}

const answered = ['*/*', 'application/*', 'application/json', 'application/graphql-response+json'];

const streamed = ['*/*', 'text/event-stream'];

/** Whether the client takes server-sent events. */
export function takesStreams({ headers }: Pick<HttpRequest, 'headers'>): boolean {
  return accepts(headers.get('accept'), streamed);
}

/** Whether the client takes what there is. Yoga would ask only after the operation has run, and answer others in streams. */
function accepts(accepted: string | null, types: readonly string[]): boolean {
  const ranges = (accepted || '*/*').toLowerCase().replaceAll(/\s/g, '').split(',');
  return ranges.some((range) => {
    const [type = '', ...parameters] = range.split(';');
    return types.includes(type) && !parameters.some((name) => /^charset=(?!utf-8$)/.test(name));
  });
}
