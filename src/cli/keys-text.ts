import type { Rotation } from '../adapters/keys-file/rotation-file.ts';
import type { RotationNews } from './rotation.ts';

export const keysHelp = `Usage: voicechart keys <verb> [options]

LiveKit's API keys in a file that running instances watch (LIVEKIT_KEYS_FILE):
a YAML map of "key: secret", as the server's own key_file. The first one signs,
all are believed. Secrets are written to the file and printed nowhere.

  list                     the keys and which one signs
  rotate                   from the key that signs to another, without a pause:
                           run it again and again; each time it goes as far as
                           it can and says what it saw and what comes next
    --to KEY               a key that is in the file; otherwise one is made
    --services-switched    gateways, recorders and the server's webhooks sign
                           with the new key
    --wait                 where only time is missing, wait
  add                      a new key, or one that was made elsewhere
    --key KEY              its name
    --secret-from NAME     the variable of the environment that holds its secret
  remove KEY               a key that does not sign

  --file FILE              instead of LIVEKIT_KEYS_FILE
  --json                   one line of JSON
  -h, --help               this text

Settings: LIVEKIT_KEYS_FILE; rotate: also LIVEKIT_URL. The file must be
writable here, and its folder too.

Exit codes:
  0   done; rotate: finished               2   rotate: something is to be done
  1   that key cannot be added or removed 64   this command is written otherwise
  69  rotate: the server does not answer  78   the file or a setting is wrong
  130 stopped
`;

/** The keys of a file, for a person. */
export function listText(
  file: string,
  keys: readonly { readonly key: string; readonly signs: boolean }[],
  rotation: Rotation | undefined,
): string {
  const wide = Math.max(...keys.map(({ key }) => key.length));
  const lines = keys.map(({ key, signs }) => `  ${key.padEnd(wide)}  ${signs ? 'signs' : 'is believed'}`);
  const rotating = rotation ? [`being changed from ${rotation.from} to ${rotation.to}: keys rotate goes on`] : [];
  return [file, ...lines, ...rotating].map((line) => `${line}\n`).join('');
}

/** What a rotation saw and what comes next, for a person. */
export function rotationText(file: string, news: RotationNews): string {
  const { saw, failure } = news;
  const failed = failure ? [`the server could not be asked: ${failure.message}`] : [];
  return [...saw, ...failed, '', ...nextLines(file, news)].map((line) => `${line}\n`).join('');
}

/** What the operator does next, line by line. */
export function nextLines(file: string, { step, from, to, until }: RotationNews): readonly string[] {
  const again = 'Then run this again.';
  if (step === 'server_must_learn')
    return [
      `Next: give the server ${to}. Copy its line from ${file} into the server's keys`,
      'beside the others (a server whose key_file this is needs no copy), and restart',
      'its nodes one after the other. Its webhooks may be signed with it from then on',
      `(webhook.api_key: ${to}), once every instance logged keys.changed with it.`,
      again,
    ];
  if (step === 'services_must_switch')
    return [
      `Next: see that every instance logs keys.changed with ${to}. Then have`,
      `livekit-sip, egress and ingress use ${to}, and after them the server's`,
      `webhooks, unless they do (webhook.api_key: ${to}; restart its nodes in turn).`,
      'Then run this again with --services-switched.',
    ];
  if (step === 'old_tokens_live')
    return [`Next: nothing. What ${from} signed is valid until ${new Date(until!).toISOString()}.`, again];
  if (step === 'server_must_forget')
    return [
      `Next: take ${from} out of the server's keys and restart its nodes one after the`,
      'other, at a quiet hour: who loses the link just then and holds a token that the',
      `server itself signed with ${from} needs a new one from us. ${again}`,
    ];
  return [`Done: ${to} signs, and nobody knows ${from} any more.`];
}
