import { useState } from 'react';
import { useMutation } from 'urql';
import { type Draft, findChanges, type Profile, profileFields, toDraft } from './changes.ts';
import { Form, TextField, useSubmission } from './form.tsx';
import { UpdateViewer } from './operations.ts';

interface Props {
  readonly userId: string;
  readonly profile: Profile;
}

/** `profile` is what the form starts with. Later news of it do not disturb what is being typed. */
export function ProfileForm({ userId, profile }: Props) {
  const [saved, setSaved] = useState(profile);
  const [draft, setDraft] = useState(() => toDraft(profile));
  const [, update] = useMutation(UpdateViewer);
  const submission = useSubmission(profileFields, async () => {
    const input = findChanges(saved, draft);
    if (Object.keys(input).length === 0) return { notice: 'Nothing has changed.' };
    const { data, error } = await update({ id: userId, input });
    if (!data) return { error };
    setSaved(data.updateUser);
    setDraft((current) => adopt(data.updateUser, draft, current));
    return { notice: 'Saved.' };
  });
  const { byField } = submission.problems;
  const field = (name: keyof Draft) => ({
    value: draft[name],
    onChange: (value: string) => setDraft((current) => ({ ...current, [name]: value })),
    problem: byField[name],
  });
  return (
    <section>
      <h2 id="profile">Profile</h2>
      <Form submission={submission} submitLabel="Save" labelledBy="profile">
        <div className="columns">
          <TextField label="First name" autoComplete="given-name" {...field('firstName')} />
          <TextField label="Last name" autoComplete="family-name" {...field('lastName')} />
        </div>
        <TextField label="Full name" autoComplete="name" hint="As you want to be called." {...field('name')} />
        <TextField label="Language" autoComplete="language" hint="Such as en-US or pt-BR." {...field('locale')} />
      </Form>
    </section>
  );
}

/** Shows what Roster stored (`en-us` is `en-US` now), but not in a field that was typed in since it was sent. */
function adopt(stored: Profile, sent: Draft, current: Draft): Draft {
  const shown = toDraft(stored);
  const pick = (name: keyof Draft) => (current[name] === sent[name] ? shown[name] : current[name]);
  return { firstName: pick('firstName'), lastName: pick('lastName'), name: pick('name'), locale: pick('locale') };
}
