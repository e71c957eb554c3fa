import type { Block, ComposedMail } from './compose.ts';

/** What the HTML of every mail stands in. Nothing is loaded from anywhere, and nothing runs. */
const ownFrame = `<!doctype html>
<html lang="{{lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{subject}}</title>
<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #16181d !important; }
  .card { background: #22252c !important; border-color: #3a3f4a !important; color: #e8eaee !important; }
  .code { background: #16181d !important; color: #fff !important; }
  .footer { color: #a3a9b5 !important; }
  a.plain { color: #9db7ff !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="page" style="background:#f3f4f6">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:520px;text-align:left">
<tr><td class="card" style="background:#fff;border:1px solid #e1e4e9;border-radius:10px;padding:28px 24px 12px;color:#1c1f26;font:16px/1.5 -apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere">
{{content}}
</td></tr>
<tr><td class="footer" style="padding:14px 24px;color:#5f6672;font:13px/1.5 -apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere">{{footer}}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;

/** What a frame may name, and the first of them has to. */
export const framePlaceholders = ['content', 'subject', 'footer', 'lang'];

export const framePattern = /\{\{(\w+)\}\}/g;

export function html({ lang, subject, blocks, footer }: ComposedMail, frame = ownFrame): string {
  const values: Record<string, string> = {
    lang: escapeHtml(lang),
    subject: escapeHtml(subject),
    content: blocks.map(htmlOf).join('\n'),
    footer: escapeHtml(footer),
  };
  return frame.replaceAll(framePattern, (whole, name: string) => values[name] ?? whole);
}

const paragraph = (inner: string) => `<p style="margin:0 0 16px">${inner}</p>`;

function htmlOf(block: Block): string {
  if (block.kind === 'code')
    return `<p class="code" style="margin:0 0 16px;padding:14px 8px;background:#f3f4f6;border-radius:8px;text-align:center;font:600 32px/1.2 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:4px">${escapeHtml(block.code)}</p>`;
  if (block.kind === 'paragraph') return paragraph(withLinks(block.text));
  const href = escapeHtml(block.href);
  return [
    `<p style="margin:0 0 16px"><a href="${href}" style="display:inline-block;padding:12px 20px;background:#1f4fd8;border-radius:8px;color:#fff;font-weight:600;text-decoration:none">${escapeHtml(block.label)}</a></p>`,
    `<p style="margin:0 0 16px;font-size:13px">${escapeHtml(block.again)}<br><a class="plain" href="${href}" style="color:#1f4fd8;word-break:break-all">${href}</a></p>`,
  ].join('\n');
}

/** A page that a text names can be clicked. */
function withLinks(text: string): string {
  return text
    .split(/(https?:\/\/\S+)/)
    .map((part, i) =>
      i % 2 === 0
        ? escapeHtml(part)
        : `<a class="plain" href="${escapeHtml(part)}" style="color:#1f4fd8">${escapeHtml(part)}</a>`,
    )
    .join('');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
