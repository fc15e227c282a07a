import { describe } from 'vitest';
import { earContract } from '../support/contracts/ear.ts';
import { roomContract } from '../support/contracts/room.ts';
import { disposeAtEnd, openLivekitWorld } from './livekit-world.ts';

disposeAtEnd();
describe('the LiveKit room', () => roomContract(openLivekitWorld));
describe('the LiveKit ear', () => earContract(openLivekitWorld));
