import type { StorageConfig } from '@livekit/protocol';

type Provider = StorageConfig['provider'];

const secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: {
    accessKey: '{access_key}',
    secret: '{secret}',
    assumeRoleExternalId: '{external_id}',
    sessionToken: '{session_token}',
  },
  gcp: { credentials: '{credentials}' },
  azure: { accountName: '{account_name}', accountKey: '{account_key}' },
  aliOSS: { accessKey: '{access_key}', secret: '{secret}' },
};

/** Puts names in place of the secrets of a storage, in the message itself: no answer of the recorder tells them. */
export function redactStorage(provider: Provider | undefined): void {
  if (!provider?.case) return;
  const values = provider.value as unknown as Record<string, string>;
  for (const [field, name] of Object.entries(secrets[provider.case]!)) if (values[field]) values[field] = name;
}

const rtmp = /^(rtmps?:\/\/)(.*\/)(.*\/)(\S*)( live=1)?$/;

/** `rtmp://host/app/{str...key}`; nothing for an address that RTMP cannot have. Other addresses stay. */
export function redactStreamKey(url: string): string | undefined {
  const [, scheme, host, app, key, live = ''] = rtmp.exec(url) ?? [];
  return scheme === undefined ? undefined : `${scheme}${host}${app}${redactIdentifier(key!)}${live}`;
}

function redactIdentifier(key: string): string {
  const shown = [3, 2, 1].find((letters) => key.length >= letters * 3) ?? 0;
  return shown === 0 ? '{...}' : `{${key.slice(0, shown)}...${key.slice(-shown)}}`;
}
