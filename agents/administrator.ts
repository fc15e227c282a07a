import { z } from 'zod';
import { agent, cartesia, flux, groq, openai, tool, toolError } from '../src/agent.ts';

// Маленькая гостиница в памяти. В своём агенте здесь будут запросы к системе бронирования: передайте ей `signal` и `key`.
const rooms = {
  одноместный: { roubles: 4_200, count: 8 },
  двухместный: { roubles: 6_500, count: 14 },
  люкс: { roubles: 12_000, count: 3 },
};
const hours = {
  стойка: 'круглосуточно',
  завтрак: 'с семи до половины одиннадцатого, в выходные до одиннадцати',
  ресторан: 'с двенадцати дня до одиннадцати вечера, без выходных',
  баня: 'с десяти утра до девяти вечера, по предварительной записи',
};
const bookings = new Map<string, { room: keyof typeof rooms; nights: string[]; number: string }>();

const room = z.enum(['одноместный', 'двухместный', 'люкс']).describe('Номер');
const nights = z.int().min(1).max(30).describe('Сколько ночей');

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
  name: 'administrator',
  language: ['ru'],
  ears: [flux({ terms: ['Ладога', 'двухместный', 'люкс', 'Приозерск'] })],
  model: [openai('gpt-5.4-mini'), groq('openai/gpt-oss-120b')],
  voice: [cartesia('779673f3-895f-4935-b6b5-b031dc78b319'), openai('nova')],
  recording: false,
  disclosure: 'С вами говорит голосовой помощник.',
  greeting: 'Гостиница «Ладога», чем могу помочь?',
  instructions: [
    'Ты отвечаешь на звонки гостиницы «Ладога» в Приозерске. Говори только по-русски и на «вы».',
    'Отвечай одним-двумя короткими предложениями: тебя слушают, а не читают. Без списков и знаков, числа говори словами.',
    'Номера бывают одноместные, двухместные и люкс. Цена указана за номер в сутки, завтрак включён.',
    'Никогда не придумывай цены, даты и часы работы: спрашивай у инструментов.',
    'Перед бронированием один раз назови номер, день заезда, число ночей и имя и дождись согласия. Затем продиктуй номер брони по цифрам.',
    'Если инструмент сообщает, что неизвестно, выполнено ли действие, скажи об этом и предложи, что перезвонит сотрудник.',
    'Когда гость прощается, заверши звонок.',
  ].join('\n'),
  tools: {
    room_price: tool({
      about: 'Стоимость проживания в рублях, завтрак включён.',
      input: z.object({ room: room.default('двухместный'), nights }),
      timeoutMs: 5_000,
      effect: 'none',
      meanwhile: 'Сейчас посмотрю.',
      run: ({ room, nights }) => ({
        номер: room,
        ночей: nights,
        за_ночь: rooms[room].roubles,
        всего: rooms[room].roubles * nights,
        валюта: 'рубли',
      }),
    }),
    book_room: tool({
      about: 'Бронирует номер. Только когда гость согласился с номером, днём заезда, числом ночей и именем.',
      input: z.object({
        room,
        arrival: z.iso.date().describe('День заезда в виде 2027-05-14'),
        nights,
        guest: z.string().min(2).max(80).describe('Имя гостя'),
      }),
      effect: 'once',
      meanwhile: 'Оформляю бронь.',
      run: ({ room, arrival, nights, guest }, { key }) => {
        const wanted = nightsFrom(arrival, nights);
        const full = fullNight(room, wanted);
        if (full)
          throw toolError(`На ночь ${full} свободных номеров «${room}» нет. Предложи другой номер или другую дату.`);
        const number = String(7_300 + bookings.size + 1);
        bookings.set(key, { room, nights: wanted, number });
        return {
          забронировано: true,
          номер_брони: number,
          гость: guest,
          номер: room,
          заезд: arrival,
          ночей: nights,
          всего: rooms[room].roubles * nights,
          валюта: 'рубли',
        };
      },
    }),
    opening_hours: tool({
      about: 'Часы работы: стойка, завтрак, ресторан, баня.',
      input: z.object({ place: z.enum(['стойка', 'завтрак', 'ресторан', 'баня']).describe('Что именно') }),
      effect: 'none',
      run: ({ place }) => `${place}: ${hours[place]}`,
    }),
    today: tool({
      about: 'Сегодняшняя дата, чтобы понять, что значит «завтра» или «в пятницу».',
      input: z.object({}),
      effect: 'none',
      run: () => new Intl.DateTimeFormat('ru', { dateStyle: 'full', timeZone: 'Europe/Moscow' }).format(new Date()),
    }),
  },
  people: { frontDesk: { to: 'tel:+78135550100', when: 'Гость просит позвать человека или жалуется.' } },
});
