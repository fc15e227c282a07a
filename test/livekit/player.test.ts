import { describe } from 'vitest';
import { playerContract } from '../support/contracts/player.ts';
import { disposeAtEnd, openLivekitWorld } from './livekit-world.ts';

disposeAtEnd();
describe('the LiveKit player', () => playerContract(openLivekitWorld));
