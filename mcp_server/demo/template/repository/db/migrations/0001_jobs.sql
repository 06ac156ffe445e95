create table jobs (
  id          bigint generated always as identity primary key,
  payload     text not null,
  run_after   timestamptz not null default now(),
  taken_by    text,
  taken_at    timestamptz,
  finished_at timestamptz
);

create index jobs_open on jobs (id) where taken_at is null;
