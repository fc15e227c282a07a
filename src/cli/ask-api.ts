import { apiAddressOf, reachable, showAddress } from '../config.ts';
import { type ApiClient, ApiRefusal, createApiClient } from './api-client.ts';
import { type CommandWorld, exitCodes } from './command.ts';

/** Where the API of the settings is; nothing when that cannot be read. */
function apiOf({ env }: CommandWorld): string | undefined {
  const address = apiAddressOf(env);
  return address && `http://${showAddress(reachable(address))}`;
}

interface ApiWork {
  /** Of the command, for what is told. */
  readonly name: string;
  /** `http://host:port`; left out: as the settings have it. */
  readonly api: string | undefined;
  readonly json: boolean;
}

/** Has the API of an instance that runs do something; what it refuses is told, and is the exit code. */
export async function askApi(
  { name, api = undefined, json }: ApiWork,
  world: CommandWorld,
  work: (client: ApiClient) => Promise<number>,
): Promise<number> {
  const address = api ?? apiOf(world);
  if (address === undefined) world.note('API_ADDR: must be host:port\n');
  if (address === undefined) return exitCodes.badSettings;
  const key = world.env['VOICECHART_API_KEY']?.trim() || undefined;
  try {
    return await work(createApiClient(address.replace(/\/$/, ''), key, world.signal));
  } catch (error) {
    if (world.signal.aborted) return exitCodes.stopped;
    if (!(error instanceof ApiRefusal)) throw error;
    const { code, message, fix, exitCode } = error;
    if (json) world.out(`${JSON.stringify({ result: 'refused', code, message, fix })}\n`);
    else world.note(`voicechart ${name}: ${message}\n${fix === undefined ? '' : `${fix}.\n`}`);
    return exitCode;
  }
}
