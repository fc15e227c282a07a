import type { BenchName, TakeoverPart } from '../args.ts';
import type { Figure } from '../figure.ts';

/** What a section of docs/performance.md is about: a whole bench, or a part of one that can be measured alone. */
export type SectionName = 'turn' | TakeoverPart | 'stores';

/** The sections by their headings, in the order of the page. */
export const titles: Readonly<Record<SectionName, string>> = {
  turn: 'A turn',
  worker: 'Takeover: a process that runs calls is killed',
  instance: 'Takeover: a whole instance is killed',
  handover: 'Handover: an instance is asked to stop',
  calls: 'Takeover: one of two instances with twelve calls is killed',
  redis: 'Redis fails over beside calls that talk',
  'in-process': 'Takeover: 500 calls',
  stores: 'What calls write, and the door',
};

const turn = `A real livekit-server, real media and the vendors' SDKs; phones and instance are processes of their own on the same machine. The vendors are
emulated and take the time they are set to: the final word comes 150 ms after the caller's last sound (interims after 300 ms, then every 250),
the model's first token after 250 ms and the next every 20, the first sound of the voice after 130: 530 ms of a reply are theirs.

- *Edge* is our process: a frame that was read → a frame handed to rtc-node. *Ear* is what the phone hears, so that both ways through the
  server and two jitter buffers are in it.
- \`-plain\` agents do not think ahead (\`speculate: false\`): what they take longer is what thinking ahead saves. *Own part* is measured on
  them: turn decided → model asked, first clause complete → voice asked, first bytes of voice → captureFrame.
- A call costs what it costs beside a bare echo bot on rtc-node in the same run, which joins, publishes, reads and writes, and nothing else.`;

const ear = `A real livekit-server, a Redis of our own and instances in processes of their own; SIGKILL comes while a sentence is being told, at another of its words each
time, in a new call each time. The caller's telephone reads the words from the sound at its ear. The first word of the excuse (“Sorry for the pause.”) is what
is waited for; times count from the kill, so that the words that were on their way to the ear are in them. A word counts as lost when it was not heard and not
damaged on its way. A repetition is a bed of ten kills, one after the other.`;

const inProcess = `Real stores, queue, leases, admission, hosts and machines on a Redis of our own, in four processes. Rooms and callers are in the process that
measures, reached over IPC, and vendors are scripted: two cores hold no more of 500 calls. Each caller asks about once in 95 seconds and hears ten words, which
are read from the sound. One process after the other is killed, while the calls of all but one that is empty go on: that one takes them all. Then two are frozen
until the last of their calls is another's, five seconds at least, and thawed. No call loses more than two owners, since one that loses three within their first
minute is given up. A turn counts as committed when the store acknowledged it, or when its answer was heard
to the end.`;

const stores = `The door is that of an instance in a process of its own, beside the process that sends: callers who leave are taken into the mail of their
calls; callers who come are put up to be run as well, by an instance that is stopping, so that nobody runs them meanwhile.`;

const handover = `SIGTERM to one of two instances, now between two turns of its calls, now in the middle of one, which is told to its end first. *Nobody in the room* is from the
old owner's track leaving the caller's room until the new one's is in it, as the telephone sees it; *nobody hears* is from the old owner having no turn of its any more until the new one hears the caller, by the call's log. A repetition is one SIGTERM with up
to three calls.`;

const calls = `Twelve callers have each had one turn; then each is told something, and the instance that runs more of them is killed in the middle of that. A turn is lost when it was
over before the kill and is not in the call's log in the end. A repetition is one kill.`;

const redis = `Six callers are told the same three things, some 25 s long, while all is well, and while the primary (of three servers under three sentinels) is killed. A gap
is a silence of 200 ms or more in the middle of one sentence.`;

const abouts: Readonly<Partial<Record<SectionName, string>>> = {
  turn,
  worker: ear,
  instance: ear,
  handover,
  calls,
  redis,
  'in-process': inProcess,
  stores,
};

/** The sections of this bench of which there are figures. */
export const sectionsOf = (bench: BenchName, figures: readonly Figure[]) =>
  (Object.keys(titles) as SectionName[])
    .map((name) => ({
      name,
      about: abouts[name] ?? '',
      figures: figures.filter(({ part = bench }) => part === name),
    }))
    .filter((section) => section.figures.length > 0);
