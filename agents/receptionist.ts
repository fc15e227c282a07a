import { z } from 'zod';
import { agent, cartesia, flux, groq, openai, tool, toolError } from '../src/agent.ts';

// A small hotel in memory. In your own agent these would be calls to your booking system: hand it `signal` and `key`.
const rooms = {
  single: { euros: 95, count: 6 },
  double: { euros: 140, count: 12 },
  suite: { euros: 260, count: 2 },
};
const hours = {
  reception: 'from 6 in the morning to 11 at night',
  breakfast: 'from 7 to half past 10, on Sundays until 11',
  restaurant: 'from noon to 2 and from 6 to 10 in the evening, closed on Mondays',
  spa: 'from 10 in the morning to 9 in the evening',
};
const bookings = new Map<string, { room: keyof typeof rooms; nights: string[]; number: string }>();

const room = z.enum(['single', 'double', 'suite']);
const nights = z.int().min(1).max(30).describe('Number of nights');

const nightsFrom = (arrival: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => {
    const day = new Date(`${arrival}T12:00:00Z`);
    day.setUTCDate(day.getUTCDate() + index);
    return day.toISOString().slice(0, 10);
  });

function fullNight(kind: keyof typeof rooms, wanted: readonly string[]): string | undefined {
  const taken = [...bookings.values()].filter((booking) => booking.room === kind);
  return wanted.find((night) => taken.filter((booking) => booking.nights.includes(night)).length >= rooms[kind].count);
}

export default agent({
  name: 'receptionist',
  language: ['en'],
  ears: [flux({ terms: ['Lindau', 'Lake Constance', 'half board'] }), openai('gpt-4o-mini-transcribe')],
  model: [openai('gpt-5.4-mini'), groq('openai/gpt-oss-120b')],
  voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091'), openai('alloy')],
  recording: false,
  disclosure: 'You are speaking with an AI assistant.',
  greeting: 'Hotel Lindau, how can I help you?',
  instructions: [
    'You answer the telephone of Hotel Lindau, a small hotel on Lake Constance.',
    'Speak in one or two short sentences: you are heard, not read. No lists, no symbols, say numbers as words.',
    'Rooms are single, double or suite. Prices are per room and night, breakfast included.',
    'Never guess a price, a date or opening hours: use the tools.',
    'Before you book, say room, arrival, nights and name once and wait for a yes. Then give the booking number, digit by digit.',
    'When a tool says that it is not known whether something was done, say so and offer that a colleague calls back.',
    'When the caller says goodbye, end the call.',
  ].join('\n'),
  tools: {
    room_price: tool({
      about: 'Price of a room for a stay, in euros, breakfast included.',
      input: z.object({ room: room.default('double'), nights }),
      timeoutMs: 5_000,
      effect: 'none',
      meanwhile: 'Let me look that up.',
      run: ({ room, nights }) => ({
        room,
        nights,
        perNight: rooms[room].euros,
        total: rooms[room].euros * nights,
        currency: 'EUR',
      }),
    }),
    book_room: tool({
      about: 'Books a room. Only after the caller has agreed to room, arrival, nights and name.',
      input: z.object({
        room,
        arrival: z.iso.date().describe('Day of arrival, as 2027-05-14'),
        nights,
        guest: z.string().min(2).max(80).describe('Name of the guest'),
      }),
      effect: 'once',
      meanwhile: 'I am booking that for you.',
      run: ({ room, arrival, nights, guest }, { key }) => {
        const wanted = nightsFrom(arrival, nights);
        const full = fullNight(room, wanted);
        if (full) throw toolError(`No ${room} is free in the night of ${full}. Offer another room or date.`);
        const number = String(4_700 + bookings.size + 1);
        bookings.set(key, { room, nights: wanted, number });
        return {
          booked: true,
          number,
          guest,
          room,
          arrival,
          nights,
          total: rooms[room].euros * nights,
          currency: 'EUR',
        };
      },
    }),
    opening_hours: tool({
      about: 'Opening hours of a part of the house.',
      input: z.object({ place: z.enum(['reception', 'breakfast', 'restaurant', 'spa']) }),
      effect: 'none',
      run: ({ place }) => `${place}: ${hours[place]}`,
    }),
    today: tool({
      about: 'The date of today, to work out what "tomorrow" or "next Friday" means.',
      input: z.object({}),
      effect: 'none',
      run: () => new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'Europe/Berlin' }).format(new Date()),
    }),
  },
  people: { frontDesk: { to: 'tel:+4983825550100', when: 'The caller asks for a person, or complains.' } },
});
