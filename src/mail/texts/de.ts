import type { LocaleTexts } from './texts.ts';

export const de: LocaleTexts = {
  shared: {
    greeting: 'Guten Tag!',
    codeLife: 'Der Code funktioniert einmal und ist noch {duration} gültig.',
    linkLife: 'Der Link funktioniert einmal und ist noch {duration} gültig.',
    linkAgain: 'Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',
    supportPage: 'So erreichen Sie uns: {support}',
    supportAddress: 'Sie erreichen uns unter {support}',
    supportReply: 'Sie erreichen uns, indem Sie einfach auf diese E-Mail antworten.',
    sentTo: '{product} hat diese E-Mail an {address} geschickt.',
  },
  mails: {
    'email-verification': {
      subject: 'Bestätigen Sie Ihre E-Mail-Adresse für {product}',
      lead: '{code} ist der Code, mit dem Sie Ihre E-Mail-Adresse für {product} bestätigen.',
      notYou:
        'Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren. Ohne den Code geschieht nichts.',
    },
    'email-change': {
      subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse für {product}',
      lead: '{code} ist der Code, der {address} zur neuen Adresse Ihres Kontos bei {product} macht.',
      notYou:
        'Wenn Sie das nicht angefordert haben, hat sich vielleicht jemand bei der eigenen Adresse vertippt. Sie können diese E-Mail ignorieren. Ohne den Code ändert sich nichts.',
    },
    'email-change-approval': {
      subject: 'Stimmen Sie der neuen E-Mail-Adresse Ihres Kontos bei {product} zu',
      lead: '{code} ist der Code, mit dem Sie zustimmen, dass Ihr Konto bei {product} die neue Adresse {newEmail} bekommt.',
      notYou:
        'Wenn Sie das nicht angefordert haben, geben Sie den Code an niemanden weiter. Vielleicht ist jemand anderes in Ihrem Konto angemeldet: Ändern Sie jetzt Ihr Passwort.',
    },
    'sign-in-code': {
      subject: 'Ihr Code zum Anmelden bei {product}',
      lead: '{code} ist Ihr Code zum Anmelden bei {product}.',
      details: 'Geben Sie ihn nur bei {product} selbst ein. Wir werden Sie nie danach fragen.',
      notYou:
        'Wenn Sie sich gerade nicht anmelden, können Sie diese E-Mail ignorieren. Ohne den Code kommt niemand hinein.',
    },
    'password-reset': {
      subject: 'Wählen Sie ein neues Passwort für {product}',
      lead: 'Hier können Sie ein neues Passwort für Ihr Konto bei {product} wählen:',
      action: 'Neues Passwort wählen',
      notYou:
        'Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren. Ihr Passwort bleibt, wie es ist.',
    },
    'email-change-requested': {
      subject: 'Neue E-Mail-Adresse für Ihr Konto bei {product} angefordert',
      lead: 'Am {time} wurde angefordert, die Adresse Ihres Kontos bei {product} in {newEmail} zu ändern.',
      details: 'Wenn Sie das waren, ist hier nichts zu tun. Die Adresse ändert sich, sobald die neue bestätigt ist.',
      notYou:
        'Wenn Sie das nicht waren, ist vielleicht jemand anderes in Ihrem Konto angemeldet. Ändern Sie jetzt Ihr Passwort: Das bricht auch die Änderung der Adresse ab.',
    },
    'email-changed': {
      subject: 'Die E-Mail-Adresse Ihres Kontos bei {product} wurde geändert',
      lead: 'Die Adresse Ihres Kontos bei {product} wurde am {time} in {newEmail} geändert.',
      details: 'Ab jetzt melden Sie sich mit der neuen Adresse an, und unsere E-Mails gehen dorthin.',
      withProviders: 'Mit {providers} können Sie sich nicht mehr anmelden, denn das gehörte zur alten Adresse.',
      notYou:
        'Wenn Sie das nicht waren, hat vielleicht jemand anderes Zugang zu Ihrem Konto. Bitte wenden Sie sich sofort an {product}.',
    },
    'email-taken': {
      subject: 'Jemand wollte Ihre E-Mail-Adresse für {product} verwenden',
      lead: 'Am {time} wollte jemand die Adresse eines anderen Kontos bei {product} in {address} ändern. Diese Adresse gehört zu Ihrem Konto, deshalb wurde nichts geändert.',
      details: 'Wenn Sie das waren, haben Sie zwei Konten. Melden Sie sich mit {address} an, um dieses zu verwenden.',
      notYou: 'Wenn Sie das nicht waren, brauchen Sie nichts zu tun. Ihr Konto ist sicher.',
    },
    'password-changed': {
      subject: 'Ihr Passwort für {product} wurde geändert',
      lead: 'Das Passwort Ihres Kontos bei {product} wurde am {time} geändert.',
      withProviders: 'Außerdem können Sie sich weiterhin mit {providers} anmelden.',
      notYou:
        'Wenn Sie das nicht waren, hat vielleicht jemand anderes Zugang zu Ihrem Konto. Setzen Sie Ihr Passwort jetzt zurück und wenden Sie sich an {product}.',
    },
    'password-removed': {
      subject: 'Ihr Passwort für {product} wurde entfernt',
      lead: 'Das Passwort Ihres Kontos bei {product} wurde am {time} entfernt. Damit kann sich niemand mehr anmelden.',
      withProviders: 'Sie können sich weiterhin mit {providers} anmelden.',
      notYou: 'Wenn Sie das nicht erwartet haben, wenden Sie sich bitte an {product}.',
    },
    'password-reset-done': {
      subject: 'Ihr Passwort für {product} wurde zurückgesetzt',
      lead: 'Für Ihr Konto bei {product} wurde am {time} ein neues Passwort festgelegt. Sie wurden auf allen Geräten abgemeldet.',
      withProviders: 'Außerdem können Sie sich weiterhin mit {providers} anmelden.',
      notYou:
        'Wenn Sie das nicht waren, kann vielleicht jemand anderes Ihre E-Mails lesen. Ändern Sie zuerst das Passwort Ihres Postfachs, setzen Sie dann das für {product} zurück und wenden Sie sich an uns.',
    },
    'identity-linked': {
      subject: '{provider} wurde mit Ihrem Konto bei {product} verknüpft',
      lead: 'Seit dem {time} können Sie sich bei {product} mit {provider} anmelden.',
      notYou:
        'Wenn Sie das nicht waren, hat vielleicht jemand anderes Zugang zu Ihrem Konto. Entfernen Sie die Verknüpfung, ändern Sie Ihr Passwort und wenden Sie sich an {product}.',
    },
    'identity-unlinked': {
      subject: 'Eine Anmeldemöglichkeit Ihres Kontos bei {product} wurde entfernt',
      lead: 'Seit dem {time} können Sie sich bei {product} nicht mehr mit {providers} anmelden.',
      notYou:
        'Wenn Sie das nicht waren, hat vielleicht jemand anderes Zugang zu Ihrem Konto. Ändern Sie Ihr Passwort und wenden Sie sich an {product}.',
    },
    'first-code-sign-in': {
      subject: 'Neue Anmeldung in Ihrem Konto bei {product} mit einem Code',
      lead: 'Am {time} hat sich zum ersten Mal jemand mit einem Code aus einer E-Mail in Ihrem Konto bei {product} angemeldet.',
      details: 'Wenn Sie das waren, ist nichts zu tun.',
      notYou:
        'Wenn Sie das nicht waren, kann vielleicht jemand anderes Ihre E-Mails lesen. Ändern Sie zuerst das Passwort Ihres Postfachs und wenden Sie sich dann an {product}.',
    },
    'endpoint-disabled': {
      subject: 'Ein Webhook-Endpunkt von {product} wurde abgeschaltet',
      lead: 'Seit dem {time} sendet {product} nichts mehr an den Webhook-Endpunkt {endpoint}: {url}',
      details: 'Alles, was in den letzten fünf Tagen dorthin gesendet wurde, ist fehlgeschlagen.',
      whenGone: 'Er hat mit dem Status 410 geantwortet: Es gibt ihn nicht mehr.',
      notYou:
        'Wenn er wieder funktioniert, schalten Sie ihn mit updateWebhookEndpoint ein und senden Sie mit replayWebhookEvents, was er verpasst hat. Was er zuletzt geantwortet hat, zeigen seine Zustellungen.',
    },
  },
};
