import { expect, test } from 'vitest';
import administrator from '../../agents/administrator.ts';
import receptionist from '../../agents/receptionist.ts';
import { agentTools, runTools } from '../../src/actors/run-tools.ts';
import { type Agent, toolSpecs } from '../../src/agent.ts';
import { committedAtOnce, errorOf, startBatch } from '../support/tool-bench.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

async function ask(agent: Agent, calls: readonly (readonly [name: string, input: object])[], caller: string) {
  const clock = createVirtualClock();
  const logic = runTools(agentTools(agent), clock, committedAtOnce);
  const batch = startBatch(logic, {
    calls: calls.map(([name, input], index) => ({
      id: `${index}`,
      name,
      input: JSON.stringify(input),
      key: `${caller}:${index}`,
    })),
  });
  await clock.settle();
  return batch.finished().toSorted((a, b) => Number(a.id) - Number(b.id));
}

const texts = async (agent: Agent, calls: Parameters<typeof ask>[1], caller = 'anyone') =>
  (await ask(agent, calls, caller)).map(({ text }) => text);

test('the receptionist knows prices, hours and the date', async () => {
  const [price, hours, today] = await texts(receptionist, [
    ['room_price', { nights: 2 }],
    ['opening_hours', { place: 'breakfast' }],
    ['today', {}],
  ]);
  expect(JSON.parse(price ?? '')).toEqual({ room: 'double', nights: 2, perNight: 140, total: 280, currency: 'EUR' });
  expect(hours).toBe('breakfast: from 7 to half past 10, on Sundays until 11');
  expect(today).toMatch(/^\w+day, \d{1,2} \w+ 20\d\d$/);
});

test('the receptionist books until a night is full, and then says which', async () => {
  const suite = { room: 'suite', arrival: '2031-02-27', nights: 3, guest: 'Weber' };
  const booked = await texts(
    receptionist,
    [
      ['book_room', suite],
      ['book_room', suite],
    ],
    'suites',
  );
  expect(booked.map((text) => JSON.parse(text) as object)).toMatchObject([
    { booked: true, total: 780 },
    { booked: true },
  ]);
  const [refused, other] = await ask(
    receptionist,
    [
      ['book_room', { ...suite, arrival: '2031-03-01', nights: 1 }],
      ['book_room', { ...suite, room: 'single' }],
    ],
    'late',
  );
  expect(errorOf(refused?.text ?? '')).toEqual({
    code: 'failed',
    message: 'No suite is free in the night of 2031-03-01. Offer another room or date.',
  });
  expect(other?.ok).toBe(true);
});

test('the receptionist refuses a day that is none and a stay of no night', async () => {
  const [day, stay] = await texts(receptionist, [
    ['book_room', { room: 'single', arrival: 'Friday', nights: 1, guest: 'Weber' }],
    ['room_price', { nights: 0 }],
  ]);
  expect([errorOf(day ?? ''), errorOf(stay ?? '')]).toEqual([
    { code: 'invalid_input', message: 'arrival: Invalid ISO date' },
    { code: 'invalid_input', message: 'nights: Too small: expected number to be >=1' },
  ]);
});

test('администратор называет цену и бронирует', async () => {
  const [price, booked, hours] = await texts(administrator, [
    ['room_price', { nights: 3 }],
    ['book_room', { room: 'люкс', arrival: '2031-05-09', nights: 2, guest: 'Анна Ильина' }],
    ['opening_hours', { place: 'баня' }],
  ]);
  expect(JSON.parse(price ?? '')).toMatchObject({ номер: 'двухместный', всего: 19_500 });
  expect(JSON.parse(booked ?? '')).toMatchObject({ забронировано: true, гость: 'Анна Ильина', заезд: '2031-05-09' });
  expect(hours).toBe('баня: с десяти утра до девяти вечера, по предварительной записи');
});

test('администратор говорит и думает только по-русски', async () => {
  const { disclosure, greeting, instructions, phrases, people, tools } = administrator;
  const said = [
    disclosure,
    greeting,
    instructions,
    ...Object.values(phrases['ru']!),
    ...Object.values(people).map(({ when }) => when),
  ];
  const own = Object.entries(tools).flatMap(([, { about, meanwhile = '' }]) => [about, meanwhile]);
  const descriptions =
    JSON.stringify(
      toolSpecs(administrator)
        .slice(4)
        .map(({ input }) => input),
    ).match(/"description":"[^"]*"/g) ?? [];
  const results = await texts(
    administrator,
    [
      ['room_price', { nights: 1 }],
      ['book_room', { room: 'люкс', arrival: '2032-01-01', nights: 1, guest: 'Анна' }],
      ['today', {}],
    ],
    'по-русски',
  );
  const latin = [...said, ...own, ...results].filter((text) =>
    /[A-Za-z]/.test(text.replaceAll(/\b(true|false)\b/g, '')),
  );
  expect(latin).toEqual([]);
  expect(descriptions.map((text) => text.replace('"description"', '')).filter((text) => /[A-Za-z]/.test(text))).toEqual(
    [],
  );
});

test.each([receptionist, administrator])('booking in the example of $name happens at most once a wish', ({ tools }) => {
  expect(Object.fromEntries(Object.entries(tools).map(([name, { effect }]) => [name, effect]))).toEqual({
    room_price: 'none',
    book_room: 'once',
    opening_hours: 'none',
    today: 'none',
  });
});
