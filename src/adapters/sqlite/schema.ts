import type { DatabaseSync } from 'node:sqlite';

/** Each brings the file from one version to the next; none is ever changed once released, new ones are added at the end. */
const migrations: readonly string[] = [
  `
  create table calls (
    position integer primary key autoincrement, call_key text not null unique, room text not null,
    epoch integer not null default 0, record_epoch integer, record_seq integer, record text
  );
  create index calls_by_room on calls (room);
  create table mail (position integer primary key autoincrement, call_key text not null, at integer not null, event text not null);
  create index mail_by_call on mail (call_key, position);
  create index mail_by_age on mail (at);
  create table seen (call_key text not null, id text not null, at integer not null, primary key (call_key, id)) without rowid;
  create index seen_by_age on seen (at);
  create table ended (call_key text primary key, at integer not null) without rowid;
  create index ended_by_age on ended (at);
  create table logged (
    position integer primary key autoincrement, call_key text not null unique, epoch integer not null, summary text not null
  );
  create table entries (call_key text not null, seq integer not null, entry text not null, primary key (call_key, seq)) without rowid;
  `,
  `
  create table egresses (
    position integer primary key autoincrement, id text not null unique, call_key text unique, over integer not null, record text not null
  );
  create index egresses_open on egresses (position) where over = 0;
  `,
  `
  create table dials (
    call_key text primary key, fingerprint text not null, asked_at integer not null, settled_at integer, talked_ms integer
  ) without rowid;
  `,
  `
  alter table calls add column crashes integer not null default 0;
  alter table calls add column owned_since integer;
  alter table calls add column owned_until integer;
  `,
  `
  create table pieces (call_key text not null, name text not null, text text not null, primary key (call_key, name)) without rowid;
  alter table logged add column at integer not null default 0;
  update logged set at = coalesce(summary ->> '$.endedAt', summary ->> '$.startedAt', 0);
  create index logged_by_age on logged (at);
  alter table egresses add column at integer not null default 0;
  update egresses set at = unixepoch() * 1000;
  create index egresses_by_age on egresses (at) where over = 1;
  `,
];

/** Takes the file for this process alone, makes it safe against a crash and a power cut, and brings it up to date. */
export function prepare(db: DatabaseSync): void {
  db.exec(
    'pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on',
  );
  db.exec('begin exclusive');
  db.exec('create table if not exists migrations (version integer primary key, applied_at text not null) strict');
  const { version } = db.prepare('select coalesce(max(version), 0) as version from migrations').get() as {
    version: number;
  };
  if (version > migrations.length) throw new NewerSchema(version);
  migrations.slice(version).forEach((sql, index) => {
    db.exec(sql);
    db.prepare(`insert into migrations values (?, datetime('now'))`).run(version + index + 1);
  });
  db.exec('commit');
}

/** The file was written by a later version of this program. */
class NewerSchema extends Error {
  constructor(version: number) {
    super(`was written by a newer version (its schema is ${version}, this one knows ${migrations.length})`);
    this.name = 'NewerSchema';
  }
}
