import { mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A certificate for 127.0.0.1 and localhost that signs itself, so that it is its own CA. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The CA as PEM, in a file for other programs. */
  readonly caFile: string;
  /** Deletes the file. */
  remove(): Promise<void>;
}

const folders = new Set<string>();
const removeAll = () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
};

/** Makes one for a day. The file goes with `remove`, else with the process. */
export async function makeCertificate(): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'voicechart emulator' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  // Noted in the same breath: the process may end while it waits for the disk.
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-cartesia-'));
  if (folders.size === 0) process.once('exit', removeAll);
  folders.add(folder);
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, cert);
  return {
    key,
    cert,
    caFile,
    async remove() {
      folders.delete(folder);
      if (folders.size === 0) process.off('exit', removeAll);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
