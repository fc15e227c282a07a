import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EgressInfo, StorageConfig } from '@livekit/protocol';
import { silentOgg } from './ogg.ts';

type Provider = StorageConfig['provider'];

/** Where a file ends up that goes to a storage: nothing is uploaded. */
export function addressOf(storage: Provider, filename: string): string | undefined {
  if (storage.case === 's3') {
    const { endpoint, bucket, region } = storage.value;
    return endpoint
      ? `${endpoint.replace(/\/$/, '')}/${bucket}/${filename}`
      : `https://${bucket}.s3.${region || 'us-east-1'}.amazonaws.com/${filename}`;
  }
  if (storage.case === 'gcp') return `https://${storage.value.bucket}.storage.googleapis.com/${filename}`;
  if (storage.case === 'azure')
    return `https://${storage.value.accountName}.blob.core.windows.net/${storage.value.containerName}/${filename}`;
  if (storage.case === 'aliOSS')
    return `https://${storage.value.bucket}.${storage.value.endpoint || 'oss'}/${filename}`;
  return undefined;
}

/**
 * Writes a recording under `folder`, whatever its path says: Ogg Opus of this length and without a sound. Other types get no bytes:
 * there is no encoder here. Gives its path and size.
 */
export async function writeRecording(
  folder: string,
  filename: string,
  durationMs: number,
): Promise<{ readonly path: string; readonly bytes: number }> {
  const path = join(folder, filename);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, filename.endsWith('.ogg') ? silentOgg(durationMs) : '');
  return { path, bytes: (await stat(path)).size };
}

/** `<EG id>.json` beside the file. Gives its path. */
export async function writeManifest(path: string, info: EgressInfo): Promise<string> {
  const { egressId, roomId, roomName, startedAt, endedAt } = info;
  const manifest = {
    egress_id: egressId,
    room_id: roomId,
    room_name: roomName,
    started_at: Number(startedAt),
    ended_at: Number(endedAt),
    files: [{ filename: path, location: path }],
  };
  const place = join(dirname(path), `${egressId}.json`);
  await writeFile(place, JSON.stringify(manifest));
  return place;
}
