import type { HttpResponse } from '../request/messages.ts';
import { confirmEmailChange } from '../users/confirm-email-change.ts';
import { sendEmailChange } from '../users/email-change.ts';
import { type Call, json } from './call.ts';
import { readTexts } from './texts.ts';
import { changeFields, confirmationFields, presentUser } from './wire.ts';
import { presentEmailChange } from './wire-codes.ts';

/** `POST /user_management/users/{id}/email_change/send` */
export async function answerSendEmailChange(call: Call): Promise<HttpResponse> {
  const { app, authenticate, key: id } = call;
  const wanted = await readTexts(call, changeFields);
  return json(200, presentEmailChange(await sendEmailChange(app, await authenticate(), id, wanted)));
}

/** `POST /user_management/users/{id}/email_change/confirm` */
export async function answerConfirmEmailChange(call: Call): Promise<HttpResponse> {
  const { perform, key: id } = call;
  const { code } = await readTexts(call, confirmationFields);
  const user = await perform((app, actor) => confirmEmailChange(app, actor, id, code));
  return json(200, { object: 'email_change_confirmation', user: presentUser(user) });
}
