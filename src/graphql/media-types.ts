import type { HttpRequest } from '../request/messages.ts';

/** No form and no image can send this, so a browser asks first whether a page of another site may (CORS). */
export function isJson({ headers }: HttpRequest): boolean {
  return /^application\/json *(;|$)/i.test(headers.get('content-type') ?? '');
}

const answered = ['*/*', 'application/*', 'application/json', 'application/graphql-response+json'];

/** Whether the client takes what there is. Yoga would ask only after the operation has run, and answer others in streams. */
export function acceptsJson({ headers }: HttpRequest): boolean {
  const ranges = (headers.get('accept') || '*/*').toLowerCase().replaceAll(/\s/g, '').split(',');
  return ranges.some((range) => {
    const [type = '', ...parameters] = range.split(';');
    return answered.includes(type) && !parameters.some((name) => /^charset=(?!utf-8$)/.test(name));
  });
}
