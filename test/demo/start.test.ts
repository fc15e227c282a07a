import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start` with nothing in the environment but this. */
function start(env: Record<string, string>): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['tools/run.js', 'src/main.ts'],
      { cwd: root, env: { PATH: process.env['PATH'] ?? '', ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode, out: stdout + stderr }),
    );
  });
}

const livekit = {
  LIVEKIT_URL: 'ws://127.0.0.1:1',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'secret-of-thirty-two-characters-!',
};

describe('npm start', () => {
  it('refuses an empty environment with exit code 78 and everything that is missing', async () => {
    const { code, out } = await start({});
    expect(code).toBe(78);
    for (const name of ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET']) expect(out).toContain(name);
  });

  it('lists unknown and wrong settings at once and prints no secret', async () => {
    const { code, out } = await start({
      ...livekit,
      LIVEKIT_URI: 'ws://x',
      API_ADDR: '0.0.0.0:80',
      OPENAI_API_KEY: 'sk-do-not-print-me-0123456789',
    });
    expect(code).toBe(78);
    expect(out).toContain('LIVEKIT_URI');
    expect(out).toContain('API_ADDR');
    expect(out).not.toMatch(/do-not-print-me|thirty-two/);
  });

  it('names the keys that its agents need', async () => {
    const { code, out } = await start({ ...livekit, AGENTS: 'agents/receptionist.ts' });
    expect(code).toBe(78);
    expect(out).toMatch(/DEEPGRAM_API_KEY.*\n.*OPENAI_API_KEY.*\n.*GROQ_API_KEY.*\n.*CARTESIA_API_KEY/);
  });

  it('refuses an agent file with errors, with its name', async () => {
    const { code, out } = await start({ ...livekit, AGENTS: 'package.json' });
    expect(code).toBe(78);
    expect(out).toContain('package.json');
  });
});
