import { registerHooks } from 'node:module';

/** Loaded before an instance (`--import`): its machine of calls is of the next version, as that of a new release. */
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/src/machines/call/call.machine.ts')) return loaded;
    const source = String(loaded.source).replace(
      /(callMachineVersion = )(\d+)/,
      (_, name: string, version: string) => `${name}${Number(version) + 1}`,
    );
    return { ...loaded, source };
  },
});
